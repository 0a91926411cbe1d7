"""Broken on purpose: a request's transaction is committed once its answer has been sent."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit import db

vars(db)["Write"] = Annotated[AsyncSession, Depends(db._write, scope="request")]
