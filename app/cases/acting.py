"""How an act arrives over HTTP: which version it was decided on, and whether it is a repeat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.principal import Principal
from app.cases.commands import hold, save, unchanged
from app.cases.doing import Rule, do
from app.cases.examples import REFERENCE
from app.cases.occasion import Occasion, occasion
from app.cases.queries import CaseNotFound
from app.cases.record import Author, DayNotPossible
from app.cases.reference import PATTERN
from app.cases.schemas import ActIn, CaseOut
from app.cases.workflow import IllegalMove
from app.kit.answers import Links, Responses, gives
from app.kit.clock import Now, london_day
from app.kit.conditional import (
    IfMatch,
    IfMatchMalformed,
    IfMatchMissing,
    Stale,
    etag,
    version_in,
)
from app.kit.db import Write
from app.kit.idempotency import (
    KeyReused,
    OptionalKey,
    StillWorking,
    claim,
    fingerprint,
    keep,
)
from app.kit.problem import Problem, refuses
from app.procedures.queries import Council
from app.procedures.reference import ReferenceData

Reference = Annotated[
    str,
    Path(
        pattern=PATTERN,
        max_length=20,
        description="The case's reference, as on its receipt.",
        examples=[REFERENCE],
    ),
]
StageNumber = Annotated[int, Path(ge=1, le=3, description="1, 2 or 3.")]

CASE_REFUSALS: tuple[type[Problem], ...] = (
    CaseNotFound,
    DayNotPossible,
    IfMatchMalformed,
    IfMatchMissing,
    IllegalMove,
    Stale,
)
"""What any act may be refused for by the case it is done to."""

ACT_REFUSALS: tuple[type[Problem], ...] = (*CASE_REFUSALS, KeyReused, StillWorking)
"""What any act may be refused for."""

NAMED: dict[str, str] = {"reference": "$response.body#/reference"}
"""Of what an answer leads to: the same case."""

AS_IT_IS: dict[str, str] = {**NAMED, "If-Match": "$response.header.ETag"}
"""Of an act that an answer leads to: the same case, in the version that was answered with."""


def case_or(*refusals: type[Problem], then: Links | None = None) -> Responses:
    """What any act answers: the case as it is now, or one of its own refusals or of every act's."""
    return gives("ETag", "Idempotency-Replayed", then=then) | refuses(*ACT_REFUSALS, *refusals)


@dataclass(frozen=True, slots=True)
class Acting:
    """One act on one case, in one transaction."""

    session: AsyncSession
    operation: str
    if_match: str | None
    key: str | None
    now: datetime
    council: ReferenceData

    async def do(
        self, reference: str, asked: ActIn, rule: Rule, *, by: Principal, about: int = 0
    ) -> Response:
        """Put the case through a rule and answer with what it is now.

        A repeat under the same Idempotency-Key is answered as the first time, before its
        If-Match is looked at: the version it names is the one the first request changed.
        `about` is the stage or request in the path, which makes two requests differ.
        """
        if self.key is not None:
            kept = await claim(
                self.session,
                client=by.client,
                operation=self.operation,
                key=self.key,
                fingerprint=fingerprint(asked, reference, str(about)),
            )
            if kept is not None:
                return kept.response()
        found = await hold(self.session, reference, by=by, version=version_in(self.if_match))
        before = unchanged(found.record)
        do(found.record, rule, occasion_of(asked, by, now=self.now, council=self.council))
        await save(self.session, before, found.record, now=self.now)
        body = CaseOut.of(found.record, found.systems).model_dump_json().encode()
        tag = etag(found.record.case.version)
        if self.key is not None:
            await keep(
                self.session,
                client=by.client,
                operation=self.operation,
                key=self.key,
                status=200,
                body=body,
                etag=tag,
            )
        return Response(body, headers={"ETag": tag}, media_type="application/json")


def occasion_of(asked: ActIn, by: Principal, *, now: datetime, council: ReferenceData) -> Occasion:
    """The occasion of an act that came over HTTP: its day, and the officer who does it."""
    author = Author(by.client, by.officer)
    return occasion(asked.on, today=london_day(now), by=author, council=council)


async def _acting(
    request: Request,
    session: Write,
    now: Now,
    council: Council,
    if_match: IfMatch = None,
    key: OptionalKey = None,
) -> Acting:
    operation = request.scope["route"].name
    return Acting(session, operation, if_match, key, now, council)


Act = Annotated[Acting, Depends(_acting, scope="function")]
