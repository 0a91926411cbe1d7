"""What tests of the import need."""

from collections.abc import Mapping

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.procedures.reference import ReferenceData
from tests.imports.past import Clerk


@pytest.fixture
def clerk(client: AsyncClient, staff: Mapping[str, Mapping[str, str]]) -> Clerk:
    return Clerk(client, staff["admin"])


@pytest.fixture
def pool(app: FastAPI) -> "asyncpg.Pool[asyncpg.Record]":
    found: asyncpg.Pool[asyncpg.Record] = app.state.pool
    return found


@pytest.fixture
async def council(app: FastAPI) -> ReferenceData:
    found: ReferenceData = await app.state.reference.get()
    return found
