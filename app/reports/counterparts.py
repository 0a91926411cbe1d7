"""Teams that have no plain counterpart in the list of the other system, and what is known. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from app.organisation.vocabulary import LineageBasis, LineageKind
from app.stats.answer import Answer
from app.stats.cuts import TEAM
from app.stats.lineage import Link
from app.stats.measures import Line

FIGURE = "complaints-by-team"


def without_counterpart(
    answer: Answer, lineage: Sequence[Link], names: Mapping[str, str]
) -> Iterator[tuple[Line, str]]:
    """Each row of a team that cannot simply be found in the other system's list, and why.

    `lineage` is what is known of teams that became others, and `names` what teams are called. A
    team that was plainly renamed, as was published, needs no word.
    """
    known = [link for link in lineage if link.on < answer.period.until]
    rows = [row for row in answer.rows if row["count"] != 0 and row["team"] != TEAM.none]
    listed: dict[str, set[str]] = {}
    for row in rows:
        listed.setdefault(row["team"], set()).add(row["source_system"])
    if len({row["source_system"] for row in rows}) > 1:
        for row in rows:
            why = _why(row["team"], known, names)
            if why and len(listed[row["team"]]) == 1:
                yield row, why


def _why(team: str, lineage: Sequence[Link], names: Mapping[str, str]) -> str | None:
    became = [link for link in lineage if link.predecessor == team]
    were = [link for link in lineage if link.successor == team]
    if not became and not were:
        return "no counterpart is recorded"
    links = became or were
    others = _listed([names[link.successor if became else link.predecessor] for link in links])
    if any(link.kind is LineageKind.split_up for link in links):
        return f"it was split into {others}" if became else f"it is a part of {others}"
    if any(link.basis is LineageBasis.assumed for link in links):
        return f"that it {'became' if became else 'was'} {others} is assumed, not published"
    return None


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
