"""What is behind a count: exactly the things that it counted, one by one.

A thing is a row of the fact: a case, or one of its stages, requests, remedies or faults. It is
found by the conditions that counted it, so the list is as long as the count says; of a key for
certain services, what a past answer counted may belong to others today, and is withheld.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.principal import Principal
from app.cases.models import Case
from app.cases.queries import visible_to
from app.stats.asking import ListingQuery
from app.stats.cuts import FEEDBACK_TYPE, REMEDY, SERVICE
from app.stats.fact import Condition, Cut, Expression, Filter, Scope
from app.stats.figure import Figure
from app.stats.placed import COUNTED, happened, place
from app.stats.queries import load_reference
from app.stats.question import Question, QuestionRefused, asked
from app.stats.times import GRAINS

Thing: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[int, int]
"""Where a page starts: a case, and how many of its things were given out before.

Two things of a case may be alike in all that is shown, so no more can be said.
"""

BEGINNING: Place = (0, 0)

_SHOWN_IF_THERE = (FEEDBACK_TYPE.name, "stage", REMEDY.name)


@dataclass(frozen=True, slots=True)
class Behind:
    """Some of the things behind a count, and how many there are in all."""

    count: int
    withheld: int
    things: Sequence[Thing]
    following: Place | None  # where the next page starts, if there is one


async def behind(
    session: AsyncSession,
    figure: Figure,
    question: Question,
    listing: ListingQuery,
    *,
    by: Principal,
    start: Place,
) -> Behind:
    """A page of what a figure counted, or left out, in the order of the cases."""
    ask = asked(figure, question, await load_reference(session))
    rows = _rows(ask.figure, ask.scope, listing, by)
    numbers = sa.select(sa.func.count(), sa.func.count().filter(rows.c.visible)).select_from(rows)
    count, visible = (await session.execute(numbers)).one()
    case_id, skipped = start
    page = (
        sa.select(rows)
        .where(rows.c.visible, rows.c.case_id >= case_id)
        .order_by(*rows.c)
        .offset(skipped)
        .limit(listing.limit + 1)
    )
    found = (await session.execute(page)).mappings().all()
    things = found[: listing.limit]
    return Behind(
        count=count,
        withheld=count - visible,
        things=[dict(_read(ask.figure, thing)) for thing in things],
        following=_after(things, start) if len(found) > len(things) else None,
    )


def _rows(figure: Figure, scope: Scope, listing: ListingQuery, by: Principal) -> sa.Subquery:
    day = scope.day
    columns: list[Expression] = [
        sa.column("case_id", sa.BigInteger),
        day.expression.label("happened_on"),
        sa.column("status", sa.Text),
        *(cut.expression(day).label(cut.name) for cut in _shown(figure)),
        _visible(by).label("visible"),
    ]
    return (
        happened(figure.fact, scope, columns)
        .where(
            place(figure.population, figure.leaves_out) == _place(figure, listing.left_out),
            *_under(figure, scope, listing.row),
        )
        .subquery("thing")
    )


def _shown(figure: Figure) -> list[Cut]:
    """What a thing is shown with: what it was counted under, and what it is."""
    besides = [cut for cut in figure.fact.cuts if cut.name in _SHOWN_IF_THERE]
    return list(dict.fromkeys((SERVICE, *figure.cuts, *besides)))


def _visible(by: Principal) -> Condition:
    seen = sa.select(col(Case.id)).where(visible_to(by))
    return sa.true() if by.services is None else sa.column("case_id", sa.BigInteger).in_(seen)


def _place(figure: Figure, left_out: str | None) -> str:
    reasons = [reason.code for reason in figure.leaves_out]
    if left_out is not None and left_out not in reasons:
        raise QuestionRefused(
            "Nothing is left out for that reason; `allowed` lists those that there are.",
            parameter="left_out",
            allowed=reasons,
        )
    return left_out or COUNTED


def _under(figure: Figure, scope: Scope, row: Sequence[str]) -> Iterator[Condition]:
    """The conditions that put a thing into a row."""
    cuts = {cut.name: cut for cut in figure.cuts}
    for spelled in row:
        name, _, text = spelled.partition(":")
        if name not in cuts:
            raise QuestionRefused(
                "A row is named by the cuts of its figure.", parameter="row", allowed=list(cuts)
            )
        cut = cuts[name]
        code, known = cut.code(text), cut.known(scope)
        if code not in known:
            raise QuestionRefused(
                f"There is no such code of {name}; `allowed` lists those that there are.",
                parameter="row",
                allowed=known,
            )
        if cut.of_day is None:
            yield Filter(cut, (code,)).where
        else:
            days, day = GRAINS[name].days(text), scope.day.expression
            yield (day >= days.since) & (day < days.until)


def _read(figure: Figure, thing: Mapping[Any, Any]) -> Iterator[tuple[str, object]]:
    reads = {cut.name: cut.read for cut in figure.cuts if cut.read}
    for name, value in thing.items():
        if name != "visible":
            yield name, reads[name](value) if name in reads else value


def _after(things: Sequence[Mapping[Any, Any]], start: Place) -> Place:
    """Where the page after these starts."""
    last = things[-1]["case_id"]
    given = sum(thing["case_id"] == last for thing in things)
    case_id, skipped = start
    return last, given + (skipped if case_id == last else 0)
