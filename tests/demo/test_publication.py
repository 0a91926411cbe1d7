"""The demonstration comes with a published report, which reproduces the paper's numbers."""

from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from app.demo import publication
from app.kit.settings import Mode, Settings
from app.serve import transaction
from tests.conftest import PEPPER, Server
from tests.demo import paper
from tests.stats.demonstration import fill, key, serving

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]


async def test_the_demonstration_publishes_its_report_once(server: Server, tmp_path: Path) -> None:
    url = await server.filled("demonstration", fill)
    settings = Settings(
        database_url=SecretStr(url),
        mode=Mode.production,
        pepper=SecretStr(PEPPER),
        data_dir=tmp_path,
    )
    async with transaction(settings) as session:
        assert await publication.is_due(session)
    await publication.publish(settings)
    async with transaction(settings) as session:
        assert not await publication.is_due(session)
    connection = await asyncpg.connect(url)
    size = await connection.fetchval("SELECT pg_column_size(p.*) FROM core.publication AS p")
    await connection.close()
    assert size < 500_000
    headers = await key(url, "customer_relations")
    async with serving(url) as client:
        document = (await client.get(f"{publication.ADDRESS}.json")).json()
        page = await client.get(publication.ADDRESS, headers={"Accept": "text/html"})
        act = f"/v1/reports/annual/{paper.YEAR}/publications/children-and-families+education/1"
        verified = (await client.get(f"{act}/verification", headers=headers)).json()
        compared = (await client.get(f"{act}/comparison", headers=headers)).json()
    assert "Robin Example, Customer Relations" in page.text
    figures = {one["answer"]["figure"]: one["answer"] for one in document["figures"]}
    printed = [
        (row["count"], row["percent"])
        for row in figures["complaint-categories"]["rows"]
        if row["service"] == paper.EDUCATION
    ]
    assert printed == list(paper.CATEGORIES[paper.EDUCATION].values())
    assert verified["holds"] is True, verified
    assert compared["moved"] == []
