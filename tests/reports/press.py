"""Officers who write in reports and publish them, as tests want them: each act is one sentence."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

SERVICES = ("children-and-families", "education")


@dataclass
class Press:
    """The people who publish a year's report about some services."""

    client: AsyncClient
    key: Mapping[str, str]
    year: str
    services: Sequence[str] = SERVICES

    @property
    def about(self) -> str:
        return "+".join(self.services) or "whole-council"

    def at(self, version: int, act: str = "") -> str:
        return f"/v1/reports/annual/{self.year}/publications/{self.about}/{version}{act}"

    @property
    def newest(self) -> str:
        return f"/published/annual/{self.year}/{self.about}"

    async def post(self, path: str, body: Mapping[str, Any], *, by: str, **more: str) -> Response:
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Acting-Officer": by, **self.key}
        address = path if path.startswith("/") else f"/v1/reports/annual/{self.year}/{path}"
        return await self.client.post(address, json=dict(body), headers=headers | more)

    async def done(self, path: str, body: Mapping[str, Any], *, by: str) -> dict[str, Any]:
        answer = await self.post(path, body, by=by)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def get(self, path: str, **headers: str) -> Response:
        return await self.client.get(path, headers={**self.key, **headers})

    async def write(self, place: str, name: str, text: str | None, *, by: str = "w.riter") -> None:
        body = {"services": list(self.services), "place": place, "name": name, "text": text}
        await self.done("narrative", {**body, "author": "The writer"}, by=by)

    async def propose(self, disclosure: str = "exact", *, by: str = "first") -> dict[str, Any]:
        body = {"services": list(self.services), "disclosure": disclosure}
        return await self.done("publications", body, by=by)

    async def confirm(self, made: Mapping[str, Any], *, by: str = "second") -> dict[str, Any]:
        act = self.at(made["version"], "/confirmation")
        return await self.done(act, {"sha256": made["sha256"]}, by=by)

    async def publish(self, disclosure: str = "exact") -> dict[str, Any]:
        return await self.confirm(await self.propose(disclosure))
