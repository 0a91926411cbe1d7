"""Broken on purpose: no failure of the database is taken for one that passes."""

from app.kit import db

vars(db)["is_passing"] = lambda _error: False
