"""Broken on purpose: a full disk is taken for a failure that does not pass."""

from app.kit import db

vars(db)["TRY_AGAIN"] = db.TRY_AGAIN - {"53100"}
