"""Writing in a report and publishing it, over HTTP: each act by an officer, each once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.guard import ExactReader, PageRoute, Publisher, Router, ScopeMissing
from app.access.principal import Principal, Scope
from app.kit.answers import Links, Responses, gives
from app.kit.clock import Now
from app.kit.db import AsOf, Read, StatsRead, Write
from app.kit.idempotency import (
    IdempotencyKeyMissing,
    KeyReused,
    RequiredKey,
    StillWorking,
    answered,
    claim,
    fingerprint,
    keep,
)
from app.kit.problem import Problem, refuses
from app.procedures.queries import Council, NoCouncil
from app.procedures.reference import ReferenceData
from app.reports import commands, frozen
from app.reports.addresses import About, Number, Version, Year
from app.reports.chapters import CHAPTERS
from app.reports.comparing import comparison
from app.reports.freezing import draft
from app.reports.publications import (
    PublicationNotFound,
    Which,
    files_of,
    find,
    listed,
    may_see,
    next_version,
    sees,
    texts_of,
)
from app.reports.queries import FIGURES
from app.reports.schemas import (
    ComparisonOut,
    ConfirmationIn,
    DocumentOut,
    ProposalIn,
    PublicationOut,
    PublicationsOut,
    TextIn,
    TextOut,
    TextsOut,
    VerificationOut,
    WithdrawalIn,
)
from app.reports.serving import FILES, answer_with
from app.reports.verifying import verification
from app.reports.vocabulary import Place
from app.stats.answer import Disclosure
from app.stats.asking import ServiceNotYours
from app.stats.forms import NotAcceptable, split
from app.stats.public import ExactCountsNeeded
from app.stats.question import Question, QuestionRefused, asked_period

router = Router(prefix="/v1/reports/annual/{year}", tags=["reports"], route_class=PageRoute)


class PlaceUnknown(Problem):
    """A report has no such section, or no such figure."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "A report has nothing of that name"


def once_or(*refusals: type[Problem], then: Links | None = None) -> Responses:
    """What an act here answers: what it has made, or one of its own refusals or of every act's."""
    made = gives("Idempotency-Replayed", then=then, status=HTTPStatus.CREATED)
    return made | refuses(IdempotencyKeyMissing, KeyReused, StillWorking, *refusals)


@dataclass(frozen=True, slots=True)
class Once:
    """An act that is done once, however often it is sent under its Idempotency-Key."""

    session: AsyncSession
    operation: str
    key: str
    now: datetime

    async def answered(
        self, session: AsyncSession, asked: BaseModel, *about: str, by: Principal
    ) -> Response | None:
        """How it was answered if it has been done: before work that is done for it beforehand.

        `session` only says whether it has. How is read with a lock, as every repeat is, so that the
        answer waits for the standby that the first one has waited for.
        """
        names, mark = self._names(by), self._mark(asked, about, by)
        if await answered(session, **names, fingerprint=mark) is None:
            return None
        kept = await claim(self.session, **names, fingerprint=mark)
        return kept.response() if kept is not None else None

    async def do(
        self,
        asked: BaseModel,
        *about: str,
        by: Principal,
        act: Callable[[], Awaitable[BaseModel]],
    ) -> Response:
        """Do the act, or answer as it was answered the first time."""
        names = self._names(by)
        kept = await claim(self.session, **names, fingerprint=self._mark(asked, about, by))
        if kept is not None:
            return kept.response()
        body = (await act()).model_dump_json().encode()
        await keep(self.session, **names, status=HTTPStatus.CREATED, body=body)
        return Response(body, HTTPStatus.CREATED, media_type="application/json")

    def _names(self, by: Principal) -> dict[str, str]:
        return {"client": by.client, "operation": self.operation, "key": self.key}

    @staticmethod
    def _mark(asked: BaseModel, about: Sequence[str], by: Principal) -> bytes:
        return fingerprint(asked, *about, by.officer or "")


async def _once(request: Request, session: Write, key: RequiredKey, now: Now) -> Once:
    return Once(session, request.scope["route"].name, key, now)


Acting = Annotated[Once, Depends(_once, scope="function")]


@router.post(
    "/narrative",
    status_code=HTTPStatus.CREATED,
    response_model=TextOut,
    responses=once_or(QuestionRefused, ServiceNotYours, PlaceUnknown, NoCouncil),
)
async def write_in_report(
    year: Year, asked: TextIn, by: Publisher, once: Acting, council: Council
) -> Response:
    """Write under a section or a figure of a year's report; the newest text of a place stands."""
    asked_period(year, since=None, until=None)
    _refuse_unknown(asked, council)
    may_see(by, asked.services)

    async def act() -> TextOut:
        return await commands.write_text(once.session, year, asked, by=by, now=once.now)

    return await once.do(asked, year, by=by, act=act)


@router.get("/narrative", responses=refuses(QuestionRefused))
async def read_narrative(year: Year, by: Publisher, session: Read) -> TextsOut:
    """Everything that officers wrote in a year's reports, with who wrote it and when."""
    asked_period(year, since=None, until=None)
    return TextsOut(texts=await texts_of(session, year, by=by))


@router.post(
    "/publications",
    status_code=HTTPStatus.CREATED,
    response_model=PublicationOut,
    responses=once_or(QuestionRefused, ServiceNotYours, ExactCountsNeeded, NoCouncil),
)
async def propose_publication(
    year: Year,
    asked: ProposalIn,
    by: Publisher,
    once: Acting,
    figures: StatsRead,
    as_of: AsOf,
    council: Council,
    request: Request,
) -> Response:
    """Freeze a report as it stands now, for a second officer to read and to publish."""
    whole, _ = asked_period(year, since=None, until=None)
    services = tuple(sorted(set(asked.services)))
    may_see(by, services)
    _may_be_told(by, asked.disclosure)
    done = await once.answered(figures, asked, year, by=by)
    if done is not None:
        return done
    drafted = await draft(
        figures,
        Question(now=as_of, year=whole, services=services),
        council,
        whole_council=by.services is None,
        disclosure=asked.disclosure,
        rules=request.app.state.disclosure,
    )
    await figures.close()  # before anything is held: to count and to write takes a while
    written = await drafted.written()

    async def act() -> PublicationOut:
        version = await next_version(once.session, Which(year, services))
        content = await run_in_threadpool(drafted.content, version, written)
        return (await commands.propose(once.session, content, by=by, now=once.now)).out

    return await once.do(asked, year, by=by, act=act)


@router.get("/publications", responses=refuses(QuestionRefused))
async def list_publications(year: Year, by: Publisher, session: Read) -> PublicationsOut:
    """What was proposed and published of a year's reports, the newest version first."""
    asked_period(year, since=None, until=None)
    found = await listed(session, year=year)
    seen = [one.out for one in found if sees(by, one.proposed.services)]
    return PublicationsOut(publications=seen)


@router.get(
    "/publications/{about}/{version}",
    response_model=DocumentOut,
    responses={**FILES, **refuses(PublicationNotFound, ServiceNotYours, NotAcceptable)},
)
async def read_publication(
    year: Year, about: About, version: Version, by: Publisher, session: Read, request: Request
) -> Response:
    """A publication as it is frozen, before and after it is published, for whoever confirms it."""
    services = frozen.services_in(about)
    may_see(by, services)
    number, suffix = split(version)
    found = await find(session, Which(year, services, int(number)))
    if found.confirmed is None:  # what is published is open to all
        _may_be_told(by, Disclosure(found.proposed.disclosure))
    return await answer_with(found, session, request, suffix, kept="private, no-cache")


@router.post(
    "/publications/{about}/{version}/confirmation",
    status_code=HTTPStatus.CREATED,
    response_model=PublicationOut,
    responses=once_or(
        PublicationNotFound,
        ServiceNotYours,
        commands.AlreadyPublished,
        commands.ProposalWithdrawn,
        commands.ReadSomethingElse,
        commands.SamePerson,
        then={
            "read_published_report": {
                "year": "$request.path.year",
                "about": "$request.path.about",
                "version": "$request.path.version",
            }
        },
    ),
)
async def confirm_publication(
    year: Year, about: About, version: Number, asked: ConfirmationIn, by: Publisher, once: Acting
) -> Response:
    """Publish what another officer has proposed: from now on it is open to all, for ever."""
    which = Which(year, frozen.services_in(about), version)
    may_see(by, which.services)

    async def act() -> PublicationOut:
        found = await find(once.session, which)
        # What a key may not read, nobody has read with it.
        _may_be_told(by, Disclosure(found.proposed.disclosure))
        done = await commands.confirm(once.session, which, asked.sha256, by=by, now=once.now)
        return done.out

    return await once.do(asked, year, about, str(version), by=by, act=act)


@router.post(
    "/publications/{about}/{version}/withdrawal",
    status_code=HTTPStatus.CREATED,
    response_model=PublicationOut,
    responses=once_or(
        PublicationNotFound,
        ServiceNotYours,
        commands.AlreadyPublished,
        commands.ProposalWithdrawn,
    ),
)
async def withdraw_publication(
    year: Year, about: About, version: Number, asked: WithdrawalIn, by: Publisher, once: Acting
) -> Response:
    """Withdraw what was proposed and nobody has confirmed; it stays in the list, with the reason.

    What is published is never withdrawn: publish a newer version.
    """
    which = Which(year, frozen.services_in(about), version)
    may_see(by, which.services)

    async def act() -> PublicationOut:
        done = await commands.withdraw(once.session, which, asked.reason, by=by, now=once.now)
        return done.out

    return await once.do(asked, year, about, str(version), by=by, act=act)


@router.get(
    "/publications/{about}/{version}/verification",
    responses=refuses(PublicationNotFound, ServiceNotYours),
)
async def verify_publication(
    year: Year, about: About, version: Number, by: Publisher, session: Read
) -> VerificationOut:
    """Whether a publication is what it was, and its own data still give its numbers."""
    which = Which(year, frozen.services_in(about), version)
    may_see(by, which.services)
    found = await find(session, which)
    return await run_in_threadpool(verification, found.proposed, await files_of(session, found))


@router.get(
    "/publications/{about}/{version}/comparison",
    response_model_exclude_unset=True,
    responses=refuses(PublicationNotFound, ServiceNotYours),
)
async def compare_publication(
    year: Year,
    about: About,
    version: Number,
    by: ExactReader,
    session: StatsRead,
    as_of: AsOf,
) -> ComparisonOut:
    """What has moved since a report was counted, and what was done since to which cases."""
    which = Which(year, frozen.services_in(about), version)
    may_see(by, which.services)
    found = await find(session, which)
    return await comparison(session, found.proposed, by=by, now=as_of)


def _may_be_told(by: Principal, disclosure: Disclosure) -> None:
    """Refuse exact numbers to a key that may not be told them."""
    if disclosure is Disclosure.exact and not by.may(Scope.stats_full):
        wanted = Scope.stats_full
        raise ScopeMissing(f"Exact numbers take a key with {wanted}.", scopes=[wanted])


def _refuse_unknown(asked: TextIn, council: ReferenceData) -> None:
    """Refuse services, sections and figures that there are not, naming those that there are."""
    services = council.organisation.services
    if not set(asked.services) <= set(services):
        raise QuestionRefused(
            "There is no service of that code.", parameter="service", allowed=list(services)
        )
    sections = [chapter.key for chapter in CHAPTERS]
    names = sections if asked.place is Place.section else [figure.slug for figure in FIGURES]
    if asked.name not in names:
        raise PlaceUnknown("Write under one of those that there are.", allowed=names)
