"""Free questions: any figure that could be declared, asked for in a closed grammar.

    fact          what is counted                                     fact=endings
    by            the cuts, in order                                  by=service&by=outcome
    grain         a stretch of time, the first of the cuts            grain=quarter
    of            the first of the cuts, which make a whole, or       of=service
                  `everything`
    measure       besides count and share: share-of-PART,             measure=median:working_days
                  share-of-volume, sum:AMOUNT, median:AMOUNT,
                  percentile:AMOUNT
    where         only what has one of these codes                    where=stage:1,2
    without       nothing that has one of these codes                 without=category:policy
    leave_out     what is left out, and said to be, by reason         leave_out=withdrawn

A published figure is a free question with a name: `as_free` says which.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from app.stats import notes
from app.stats.asking import Words
from app.stats.catalogue import FACTS
from app.stats.cuts import ACTIVITY, CHANNEL, TEAM, TYPE_AT_RECEIPT
from app.stats.fact import USUAL_PERCENTILE, Cut, Fact, Filter, How, Quantity, Reason
from app.stats.facts.endings import EXCLUDED_FROM_TIMESCALES
from app.stats.facts.feedback import CHANNEL_NOT_COLLECTED
from app.stats.figure import Figure, Misdeclared, Note, Population, Share
from app.stats.question import QuestionRefused
from app.stats.times import GRAINS

SLUG = "free-question"
COUNT, SHARE, SHARE_OF_PART, SHARE_OF_VOLUME = "count", "share", "share-of-", "share-of-volume"
EVERYTHING = "everything"
MOST_SAID = 2_000  # characters of a population in words, which every answer says back

_TIMES = {name: grain.cut for name, grain in GRAINS.items()}
_Named = TypeVar("_Named")


def declared(words: Words) -> Figure:
    """The figure that is asked for; refuses every word that is not one, and says which are."""
    fact = _one("fact", words.fact, FACTS)
    cuts = tuple(_cuts(fact, words))
    of = tuple(cut.name for cut in cuts[:-1]) if words.of is None else tuple(words.of)
    of = () if of == (EVERYTHING,) else of
    filters = (
        *_filters(fact, "where", words.where),
        *_filters(fact, "without", words.without),
    )
    leaves_out = tuple(_one("leave_out", code, _reasons(fact)) for code in words.leave_out)
    population = _population(fact, filters)
    if len(population) > MOST_SAID:
        raise QuestionRefused(
            "`where` and `without` name more codes than an answer can say back: name fewer.",
            parameter="where",
            most=MOST_SAID,
        )
    try:
        return Figure(
            slug=SLUG,
            title=f"{_spaced(fact.name).capitalize()} by {_listed(cut.name for cut in cuts)}",
            means=fact.means,
            fact=fact,
            population=Population(population, filters, leaves_out),
            cuts=cuts,
            measure=Share(of, part=_part(fact, words), of_volume=SHARE_OF_VOLUME in words.measure),
            quantities=tuple(_quantities(fact, words)),
            notes=tuple(_notes(fact, cuts, leaves_out)),
        )
    except Misdeclared as fault:
        raise QuestionRefused(
            f"That cannot be counted truthfully: {str(fault).removeprefix(f'{SLUG}: ')}.",
            parameter="by",
            allowed=list(_known_cuts(fact)),
        ) from None


def as_free(figure: Figure) -> str:
    """A figure as a free question: what to send for it."""
    share, population = figure.measure, figure.population
    asked = {
        "fact": [figure.fact.name],
        "by": figure.by,
        "of": share.of or (EVERYTHING,),
        "measure": [
            *([f"{SHARE_OF_PART}{share.part}"] if share.part else []),
            *([SHARE_OF_VOLUME] if share.of_volume else []),
            *(f"{one.how}:{one.amount.name}" for one in figure.quantities),
        ],
        "where": [_spelled(one) for one in population.where if not one.negated],
        "without": [_spelled(one) for one in population.where if one.negated],
        "leave_out": [reason.code for reason in population.leaves_out],
        "years": [figure.years] if figure.over_years else [],
    }
    return urlencode(asked, doseq=True, safe=":,")


def measures(fact: Fact) -> list[str]:
    """Everything that can be asked of a fact, under whatever cuts."""
    parts = [f"{SHARE_OF_PART}{part.name}" for part in fact.parts if part.cut]
    volume = [SHARE_OF_VOLUME] if ACTIVITY in fact.cuts else []
    amounts = [f"{how}:{amount.name}" for amount in fact.amounts for how in How]
    return [COUNT, SHARE, *parts, *volume, *amounts]


def _one(parameter: str, word: str, known: Mapping[str, _Named]) -> _Named:
    if word not in known:
        raise QuestionRefused(
            f"There is no such word for `{parameter}`; `allowed` lists those that there are.",
            parameter=parameter,
            allowed=list(known),
        )
    return known[word]


def _known_cuts(fact: Fact) -> Mapping[str, Cut]:
    return {cut.name: cut for cut in fact.cuts} | _TIMES


def _cuts(fact: Fact, words: Words) -> Iterator[Cut]:
    if words.grain is not None:
        yield _one("grain", words.grain, _TIMES)
    for name in words.by:
        yield _one("by", name, _known_cuts(fact))
    if not words.by and words.grain is None:
        raise QuestionRefused(
            "Say what it is to be cut by, in `by` or `grain`.",
            parameter="by",
            allowed=list(_known_cuts(fact)),
        )


def _reasons(fact: Fact) -> Mapping[str, Reason]:
    return {reason.code: reason for reason in fact.reasons}


def _filters(fact: Fact, parameter: str, spelled: Iterable[str]) -> Iterator[Filter]:
    known = {cut.name: cut for cut in fact.cuts}
    for text in spelled:
        name, _, codes = text.partition(":")
        cut = _one(parameter, name, known)
        read = [cut.code(code) for code in codes.split(",")]
        yield Filter(cut, tuple(read), negated=parameter == "without")


def _spelled(one: Filter) -> str:
    return f"{one.cut.name}:{','.join(map(str, one.codes))}"


def _part(fact: Fact, words: Words) -> str | None:
    """The part that shares are of, if one is asked for; every measure is looked at here."""
    known = dict.fromkeys(measures(fact))
    for measure in words.measure:
        _one("measure", measure, known)
    asked = (part.name for part in fact.parts if f"{SHARE_OF_PART}{part.name}" in words.measure)
    return next(asked, None)


def _quantities(fact: Fact, words: Words) -> Iterator[Quantity]:
    amounts = {amount.name: amount for amount in fact.amounts}
    asked = [measure.partition(":") for measure in dict.fromkeys(words.measure) if ":" in measure]
    if words.percentile is not None and How.percentile not in {how for how, _, _ in asked}:
        raise QuestionRefused(
            "`percentile` goes with the measure of that name.",
            parameter="percentile",
            allowed=[one for one in measures(fact) if one.startswith(How.percentile)],
        )
    for how, _, name in asked:
        yield Quantity(How(how), amounts[name], at=words.percentile or USUAL_PERCENTILE)


def _notes(fact: Fact, cuts: Sequence[Cut], leaves_out: Sequence[Reason]) -> Iterator[Note]:
    """The remarks that the data may give rise to, whatever is asked of it."""
    yield notes.other_percentiles
    if fact.part("migrated"):
        yield notes.migrated_cases
    if CHANNEL in cuts or CHANNEL_NOT_COLLECTED in leaves_out:
        yield notes.channel_coverage
    if TEAM in cuts:
        yield notes.team_lists_changed
        yield notes.teams_moved
    if TYPE_AT_RECEIPT in cuts:
        yield notes.types_that_are_fixed
    if ACTIVITY in cuts:
        yield notes.volumes_of_other_days
    if set(EXCLUDED_FROM_TIMESCALES) <= set(leaves_out):
        yield notes.excluded_from_timescales


def _population(fact: Fact, filters: Sequence[Filter]) -> str:
    said = [
        f"{_spaced(one.cut.name)} is {'not ' if one.negated else ''}"
        + " or ".join(str(code) for code in one.codes)
        for one in filters
    ]
    return f"{_spaced(fact.name)} whose {_listed(said)}," if said else _spaced(fact.name)


def _spaced(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")


def _listed(words: Iterable[str]) -> str:
    *some, last = map(_spaced, words)
    return f"{', '.join(some)} and {last}" if some else last
