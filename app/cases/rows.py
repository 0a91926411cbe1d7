"""How the parts of a record lie in tables; commands compare them, imports copy them in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, get_args, get_type_hints

from sqlmodel import SQLModel

from app.cases.models import Escalation, Extension, Remedy, Stage, Standing
from app.cases.record import (
    CaseFacts,
    EscalationFacts,
    ExtensionFacts,
    Record,
    RemedyFacts,
    StageFacts,
    StandingFacts,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of row that belongs to a case."""

    table: type[SQLModel]
    facts: type[Any]
    of: Callable[[Record], Iterable[Any]]
    put: Callable[[Record, list[Any]], None]
    key: tuple[str, ...]  # beside case_id

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in the order of `values`; case_id goes before them."""
        return columns(self.facts)


def columns(facts: type[Any]) -> tuple[str, ...]:
    """The columns that a kind of facts fills."""
    return tuple(field.name for field in fields(facts))


def values(facts: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads a row's values off its facts, in the order of `columns`."""
    return attrgetter(*columns(facts))


def read(facts: type[Any], row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an instance of `facts`
    """A row as the rules know it, its codes as the enums they are."""
    codes = _codes(facts)
    return facts(
        **{
            name: codes[name](row[name]) if name in codes and row[name] is not None else row[name]
            for name in columns(facts)
        }
    )


_CODES: dict[type[Any], dict[str, type[StrEnum]]] = {}


def _codes(facts: type[Any]) -> dict[str, type[StrEnum]]:
    """The columns of a kind of facts that hold codes, looked up once a kind."""
    if facts in _CODES:
        return _CODES[facts]
    found = _CODES.setdefault(facts, {})
    for name, hint in get_type_hints(facts).items():
        for kind in (hint, *get_args(hint)):
            if isinstance(kind, type) and issubclass(kind, StrEnum):
                found[name] = kind
    return found


def _list_of(name: str) -> tuple[Callable[[Record], Iterable[Any]], Callable[..., None]]:
    return attrgetter(name), lambda record, facts: setattr(record, name, facts)


def _stages_into(record: Record, facts: list[StageFacts]) -> None:
    record.stages = {stage.number: stage for stage in facts}


CASE_COLUMNS = columns(CaseFacts)

# Parents before children, as foreign keys want it.
PARTS = (
    Part(Standing, StandingFacts, *_list_of("standings"), ("seq",)),
    Part(Stage, StageFacts, lambda record: record.stages.values(), _stages_into, ("number",)),
    Part(Extension, ExtensionFacts, *_list_of("extensions"), ("stage", "seq")),
    Part(Remedy, RemedyFacts, *_list_of("remedies"), ("stage", "seq")),
    Part(Escalation, EscalationFacts, *_list_of("escalations"), ("number",)),
)
