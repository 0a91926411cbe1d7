"""Figures over HTTP: which there are, what each counts, and whatever else can be counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.guard import CaseReader, ExactReader, Router, StatsReader
from app.access.principal import Principal, Scope
from app.kit.answers import Responses, gives
from app.kit.conditional import IfNoneMatch
from app.kit.db import AsOf, StatsRead
from app.kit.paging import CursorRefused, CursorSecret, decode_cursor, encode_cursor
from app.kit.problem import refuses
from app.stats import forms
from app.stats.answer import Answer
from app.stats.asking import (
    FigureCasesQuery,
    FigureQuery,
    FreeCasesQuery,
    FreeQuery,
    ListingQuery,
    QueueQuery,
    ServiceNotYours,
    services_for,
)
from app.stats.behind import BEGINNING, behind
from app.stats.behind_shown import BehindOut, linked
from app.stats.catalogue import BY_SLUG, FIGURES
from app.stats.charts.drawing import NotDrawn
from app.stats.described import CatalogueOut, FigureOut
from app.stats.engine import compute
from app.stats.extract import Extract, begun
from app.stats.extract_shown import EXTRACTED, DictionaryOut, ExtractQuery
from app.stats.figure import Figure
from app.stats.forms import NotAcceptable
from app.stats.free import SLUG, declared
from app.stats.public import ExactCountsNeeded, made_public
from app.stats.queries import load_reference
from app.stats.question import FigureNotFound, Question, QuestionRefused
from app.stats.queue import Position, queue
from app.stats.queue_shown import QueueOut
from app.stats.respond import ANSWERS, respond
from app.stats.schemas import AnswerOut
from app.stats.words import QUERY, VocabularyOut

router = Router(prefix="/v1/stats", tags=["statistics"])


Slug = Annotated[
    str,
    Path(
        max_length=80,
        description="Its slug. A suffix asks for a form: `.csv`, `.totals.csv`, `.left-out.csv`,"
        " `.xlsx`, or, for its chart, `.vl.json`, `.svg`, `.png`. `Accept` does so too.",
        examples=["complaint-categories"],
    ),
]
BareSlug = Annotated[str, Path(max_length=64, examples=["complaint-categories"])]
Suffix = Annotated[
    str,
    Path(
        max_length=12,
        description="`csv`, `totals.csv`, `left-out.csv`, `xlsx`, `json`; `vl.json`, `svg`, `png`.",
        examples=["csv"],
    ),
]
Asked = Annotated[FigureQuery, Query()]
FreelyAsked = Annotated[FreeQuery, Query()]


@router.get(
    "/figures", responses=gives(then={"read_figure": {"slug": "$response.body#/figures/0/slug"}})
)
async def list_figures(_by: StatsReader) -> CatalogueOut:
    """Every figure: what it means, what it counts, how it is cut and how it may be asked."""
    return CatalogueOut(figures=[FigureOut.of(figure) for figure in FIGURES])


@router.get(
    "/figures/{slug}",
    response_model=AnswerOut,
    responses={
        **ANSWERS,
        **refuses(
            FigureNotFound,
            QuestionRefused,
            ServiceNotYours,
            ExactCountsNeeded,
            NotAcceptable,
            NotDrawn,
        ),
    },
)
async def read_figure(
    slug: Slug,
    asked: Asked,
    by: StatsReader,
    session: StatsRead,
    as_of: AsOf,
    request: Request,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One figure for a period, with what it left out and why; its rows sum to their wholes.

    Keys without `stats:full` get it as the public may have it: of financial years that are over,
    with small numbers withheld, and what would give them away.
    """
    name, suffix = forms.split(slug)
    figure = BY_SLUG.get(name)
    if figure is None:
        raise FigureNotFound("There is no figure of that name.", figures=list(BY_SLUG))
    form = forms.chosen(request, suffix)
    question = asked.question(now=as_of, services=services_for(asked.service, by=by))
    with request.app.state.metrics.figure_seconds.labels(name).time():
        (answer,) = await compute(session, [figure], question)
        if not by.may(Scope.stats_full):
            (answer,) = await made_public(session, [answer], request.app.state.disclosure)
    answer = _linked(answer, asked, form, by=by, path=f"{router.prefix}/figures/{name}")
    await session.close()  # writing an answer may take longer than counting it
    return await respond(answer, form, if_none_match=if_none_match)


@router.get("/catalogue")
async def read_catalogue(_by: StatsReader, session: StatsRead, as_of: AsOf) -> VocabularyOut:
    """Every word that a free question may have; every figure as the free question that it is."""
    return VocabularyOut.of(await load_reference(session), now=as_of)


@dataclass(frozen=True, slots=True)
class Free:
    """A free question, and who asks it."""

    asked: FreeQuery
    by: Principal
    session: AsyncSession
    as_of: datetime
    request: Request
    if_none_match: str | None

    async def answered(self, suffix: str | None = None) -> Response:
        """The answer, in the form that a suffix asks for, or else `Accept`."""
        asked, by = self.asked, self.by
        form = forms.chosen(self.request, suffix)
        question = asked.question(now=self.as_of, services=services_for(asked.service, by=by))
        with self.request.app.state.metrics.figure_seconds.labels(SLUG).time():
            (answer,) = await compute(self.session, [declared(asked)], question)
        answer = _linked(answer, asked, form, by=by, path=QUERY)
        await self.session.close()  # as above
        return await respond(answer, form, if_none_match=self.if_none_match)


async def _free(
    asked: FreelyAsked,
    by: StatsReader,
    _exactly: ExactReader,
    session: StatsRead,
    as_of: AsOf,
    request: Request,
    if_none_match: IfNoneMatch = None,
) -> Free:
    return Free(asked, by, session, as_of, request, if_none_match)


FreelyAsking = Annotated[Free, Depends(_free, scope="function")]
_FREELY: Responses = {
    **ANSWERS,
    **refuses(QuestionRefused, ServiceNotYours, NotAcceptable, NotDrawn),
}


@router.get("/query", response_model=AnswerOut, responses=_FREELY)
async def ask_freely(free: FreelyAsking) -> Response:
    """A figure that nobody declared, asked for in the words of the catalogue, for a period.

    Only for keys that may read exact counts: what is withheld from others could be worked out
    from questions of their own choosing.
    """
    return await free.answered()


@router.get("/query.{suffix}", response_model=AnswerOut, responses=_FREELY)
async def ask_freely_in_form(suffix: Suffix, free: FreelyAsking) -> Response:
    """The same in the form that the suffix asks for, for tools that send no `Accept`."""
    return await free.answered(suffix)


@router.get(
    "/figures/{slug}/cases",
    response_model_exclude_unset=True,
    responses=refuses(FigureNotFound, QuestionRefused, ServiceNotYours, CursorRefused),
)
async def list_counted(
    slug: BareSlug,
    asked: Annotated[FigureCasesQuery, Query()],
    by: StatsReader,
    _exactly: ExactReader,
    _cases: CaseReader,
    session: StatsRead,
    as_of: AsOf,
    secret: CursorSecret,
) -> BehindOut:
    """Exactly the things that a figure counted, or a row of it, or that it left out.

    Only for keys that may read exact counts, and cases.
    """
    figure = BY_SLUG.get(slug)
    if figure is None:
        raise FigureNotFound("There is no figure of that name.", figures=list(BY_SLUG))
    question = asked.question(now=as_of, services=services_for(asked.service, by=by))
    return await _listed(session, figure, question, asked, by=by, secret=secret)


@router.get(
    "/query/cases",
    response_model_exclude_unset=True,
    responses=refuses(QuestionRefused, ServiceNotYours, CursorRefused),
)
async def list_counted_freely(
    asked: Annotated[FreeCasesQuery, Query()],
    by: StatsReader,
    _exactly: ExactReader,
    _cases: CaseReader,
    session: StatsRead,
    as_of: AsOf,
    secret: CursorSecret,
) -> BehindOut:
    """Exactly the things that a free question counted, or a row of it, or that it left out.

    Only for keys that may read exact counts, and cases.
    """
    question = asked.question(now=as_of, services=services_for(asked.service, by=by))
    return await _listed(session, declared(asked), question, asked, by=by, secret=secret)


@router.get(
    "/faults",
    responses=gives(then={"read_case": {"reference": "$response.body#/items/0/reference"}})
    | refuses(QuestionRefused, ServiceNotYours, CursorRefused),
)
async def list_faults(
    asked: Annotated[QueueQuery, Query()],
    by: CaseReader,
    session: StatsRead,
    as_of: AsOf,
    secret: CursorSecret,
) -> QueueOut:
    """The data-quality queue: cases with something wrong in their record, and what mends it.

    Those overdue come first, by the day they were due; then the others, by the day registered.
    Each case is one line with everything that is wrong with it.
    """
    services = services_for(asked.service, by=by)
    position = decode_cursor(secret, asked.cursor, client=by.client, filters=asked)
    start = cast("Position | None", position)  # it was given out here, and is signed
    found = await queue(session, asked, services=services, now=as_of, start=start)
    cursor = None
    if found.following:
        cursor = encode_cursor(secret, found.following, client=by.client, filters=asked)
    return QueueOut.of(found, next_cursor=cursor)


@router.get("/extract", response_class=StreamingResponse, responses=EXTRACTED)
async def read_extract(
    asked: Annotated[ExtractQuery, Query()], by: ExactReader, as_of: AsOf, request: Request
) -> Response:
    """A line for each case as CSV, without people and words, for analysis elsewhere.

    With `changed_since` only what has been changed: put its lines in the place of those of the
    same `case`. Of certain services fetch it whole: a case that has moved away is not shown.
    """
    extract = Extract(
        services=services_for(asked.service, by=by),
        changed_since=asked.changed_since,
        as_of=as_of,
        pepper=request.app.state.pepper,
    )
    lines = extract.lines(request.app.state.database.statistics)
    beginning = await anext(lines)  # so that a failure by then is answered as one
    headers = {"Content-Disposition": 'attachment; filename="extract.csv"'}
    return StreamingResponse(
        begun(beginning, lines), headers=headers, media_type=forms.CSV.media_type
    )


@router.get("/extract/dictionary")
async def read_extract_dictionary(_by: ExactReader) -> DictionaryOut:
    """What every column of the extract means, and which codes it may hold."""
    return DictionaryOut.whole()


def _linked(
    answer: Answer, asked: FigureQuery, form: forms.Form, *, by: Principal, path: str
) -> Answer:
    """With where to find what each line counted, for a caller that would be let in there."""
    let_in = by.may(Scope.stats_full) and by.may(Scope.case_read)
    return linked(answer, asked, path=path) if let_in and form is forms.JSON else answer


async def _listed(
    session: AsyncSession,
    figure: Figure,
    question: Question,
    listing: ListingQuery,
    *,
    by: Principal,
    secret: bytes,
) -> BehindOut:
    position = decode_cursor(secret, listing.cursor, client=by.client, filters=listing)
    case_id, given = (int(part or 0) for part in position or BEGINNING)
    found = await behind(session, figure, question, listing, by=by, start=(case_id, given))
    cursor = None
    if found.following:
        cursor = encode_cursor(secret, found.following, client=by.client, filters=listing)
    return BehindOut.of(found, next_cursor=cursor)
