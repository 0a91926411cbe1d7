"""Questions of every kind, drawn at random from the declarations: what could be asked over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from hypothesis import strategies as st

from app.stats.catalogue import FACTS
from app.stats.fact import Fact
from app.stats.figure import Figure
from app.stats.free import measures
from app.stats.question import parameters
from app.stats.times import GRAINS
from tests.stats.histories import CATEGORIES, SERVICES, TURNS

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]
Parameters: TypeAlias = dict[str, Any]

CODES = {  # some codes under each cut, of what random histories hold
    "service": (*SERVICES, "no-service"),
    "team": ("edt", "school-admissions", "sendar", "no-team"),
    "category": CATEGORIES,
    "procedure": ("childrens-statutory", "corporate", "no-procedure"),
    "source_system": ("contact_us", "customer_feedback"),
    "channel": ("portal", "phone", "not-recorded"),
    "feedback_type": ("complaint", "comment", "compliment"),
    "type_at_receipt": ("complaint", "comment"),
    "stage": ("2", "3"),
    "outcome": ("upheld", "not_upheld", "closed_without_a_finding"),
    "closure_reason": ("withdrawn", "resolved_early", "with_a_finding", "reclassified"),
    "refusal_reason": ("out_of_time", "no_refusal_reason"),
    "resolution": ("resolved_early", "taken_on", "refused"),
    "verdict": ("within_target", "no_limit"),
    "timeliness": ("late", "within_extension", "no_limit"),
    "days_taken": ("up_to_10", "over_65", "not_timed"),
    "decision": ("accepted", "undecided"),
    "remedy": ("apology", "financial-symbolic"),
    "age": ("up_to_14", "over_182"),
    "clock": ("open_overdue", "no_limit"),
    "fault": ("no_team", "overdue_and_unanswered"),
    "activity": ("no-volume",),
}

LONGEST, LONGEST_BY_DAY = 1_500, 120  # days


@dataclass(frozen=True)
class Asking:
    """An address, and what is sent there."""

    path: str
    sent: Parameters


def _period(draw: Draw, *, longest: int) -> Parameters:
    if longest == LONGEST and draw(st.booleans()):
        return {"since": "2021-04-01", "until": "2025-04-01"}
    if longest == LONGEST and draw(st.booleans()):
        return {"year": f"{(first := draw(st.integers(2020, 2024)))}-{first - 1999}"}
    since = draw(st.sampled_from(TURNS)) + timedelta(draw(st.integers(-40, 40)))
    until = since + timedelta(draw(st.integers(1, longest)))
    return {"since": since.isoformat(), "until": until.isoformat()}


def _scope(draw: Draw, *, longest: int = LONGEST) -> Parameters:
    asked = _period(draw, longest=longest)
    asked["service"] = draw(st.sampled_from(((), (), (), SERVICES[:1], SERVICES[1:])))
    if draw(st.integers(0, 3)) == 0:
        asked["as_at"] = draw(st.sampled_from(TURNS)).isoformat()
    return asked


@st.composite
def of_figure(draw: Draw, figure: Figure) -> Asking:
    """A figure, of any days and services, by any of the bases that it offers."""
    asked, offered = _scope(draw), parameters(figure)
    bases = {"date_basis": "received", "type_basis": "at-receipt", "team_basis": "today"}
    for name, other in bases.items():
        if name in offered and draw(st.booleans()):
            asked[name] = other
    if "year" in asked and draw(st.integers(0, 2)) == 0:
        asked["years"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        asked["compare"] = "previous-year"
        if not figure.fact.stands and draw(st.booleans()):
            asked["annualise"] = "true"
    return Asking(f"/v1/stats/figures/{figure.slug}", asked)


@st.composite
def of_fact(draw: Draw, fact: Fact) -> Asking:
    """A free question: a fact, by any of its cuts, filtered, and out of any whole."""
    names = [cut.name for cut in fact.cuts]
    grain = draw(st.sampled_from((None, None, *GRAINS)))
    most = 1 if grain in {"day", "week"} else 2  # or there would be more lines than are allowed
    by = draw(st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True))
    longest = LONGEST_BY_DAY if grain in {"day", "week"} else LONGEST
    asked = {"fact": fact.name, "by": by, **_scope(draw, longest=longest)}
    if grain:
        asked["grain"] = grain
    if not fact.stands and draw(st.booleans()):
        asked["of"] = "everything"
    asked["measure"] = [m for m in measures(fact) if ":" in m and draw(st.booleans())]
    asked["leave_out"] = draw(st.permutations([reason.code for reason in fact.reasons]))[:2]
    asked["where"] = _filters(draw, fact)
    asked["without"] = _filters(draw, fact)
    return Asking("/v1/stats/query", asked)


def _filters(draw: Draw, fact: Fact) -> list[str]:
    names = st.sampled_from([cut.name for cut in fact.cuts])
    return [_filter(draw, name) for name in draw(st.lists(names, max_size=1))]


def _filter(draw: Draw, name: str) -> str:
    codes = st.lists(st.sampled_from(CODES[name]), min_size=1, max_size=2, unique=True)
    return f"{name}:{','.join(draw(codes))}"


@st.composite
def halves(draw: Draw) -> tuple[Asking, Parameters, Parameters]:
    """A free question, and two filters of which each thing passes exactly one."""
    fact = draw(st.sampled_from(list(FACTS.values())))
    whole = draw(of_fact(fact))
    name = draw(st.sampled_from([cut.name for cut in fact.cuts]))
    code = _filter(draw, name)
    return (
        whole,
        {"where": [*whole.sent["where"], code]},
        {"without": [*whole.sent["without"], code]},
    )
