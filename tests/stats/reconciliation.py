"""Whether an answer's numbers account for one another, whatever was counted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

Answer = Mapping[str, Any]
Line = Mapping[str, Any]
Key = tuple[Any, ...]

RESIDUAL = {  # the row of a cut for "none of these", which is there even with nothing in it
    "team": "no-team",
    "channel": "not-recorded",
    "category": "not-categorised",
    "procedure": "no-procedure",
    "outcome": "closed_without_a_finding",
    "decision": "undecided",
}


def disagreements(answer: Answer) -> Iterator[str]:
    """Every place where rows, wholes and what was left out do not sum, or are not said."""
    of = tuple(answer["denominator"])
    rows, left_out = _summed(answer["rows"], of), _summed(answer["left_out"], of)
    wholes = {_key(total, of): total for total in answer["totals"]}
    if not answer["population"] or not answer["denominator_means"]:
        yield "it does not say what was counted, or out of what"
    if not set(rows) <= set(wholes) or not set(left_out) <= set(wholes):
        yield "something has no whole"
        return
    for key, total in wholes.items():
        if rows.get(key, 0) != total["count"]:
            yield f"{key}: rows sum to {rows.get(key, 0)}, the whole is {total['count']}"
        accounted = total["count"] + left_out.get(key, 0)
        if accounted != total["considered"]:
            yield f"{key}: {total['considered']} considered, {accounted} accounted for"
    yield from _repeated(answer["rows"], answer["cuts"])
    yield from _repeated(answer["left_out"], (*of, "reason"))
    yield from _without_a_residual_row(answer)
    yield from _unlike_sums(answer, wholes)
    yield from _other_findings(answer["rows"], of)
    for line in (*answer["rows"], *answer["totals"]):
        yield from _of_change(line)
    for row in answer["rows"]:
        yield from _of_row(row, wholes[_key(row, of)])
    yield from _misranked(answer["rows"], of)


def _repeated(lines: Iterable[Line], names: Sequence[str]) -> Iterator[str]:
    seen = set()
    for line in lines:
        key = _key(line, names)
        if key in seen:
            yield f"{key} is there twice"
        seen.add(key)


def _without_a_residual_row(answer: Answer) -> Iterator[str]:
    *above, last = answer["cuts"]
    if last in RESIDUAL:
        shown = {_key(row, answer["cuts"]) for row in answer["rows"]}
        for key in shown:
            if (*key[:-1], RESIDUAL[last]) not in shown:
                yield f"{dict(zip(above, key, strict=False))} has no row for {RESIDUAL[last]}"


def _unlike_sums(answer: Answer, wholes: Mapping[Key, Line]) -> Iterator[str]:
    """Where what else is summed, or was a year before, is not in all what its parts are."""
    of = tuple(answer["denominator"])
    for name in ("sum_pence", "sum_working_days", "sum_days_open", "count_before"):
        if not any(name in total for total in answer["totals"]):
            continue
        sums = _summed(answer["rows"], of, name)
        for key, total in wholes.items():
            if sums.get(key, 0) != total[name]:
                yield f"{key}: {name} of rows is {sums.get(key, 0)}, of the whole {total[name]}"


def _other_findings(rows: Sequence[Line], of: tuple[str, ...]) -> Iterator[str]:
    """Where the whole of the findings is not what the rows with a share of them sum to."""
    sums = _summed([row for row in rows if row.get("percent_of_findings") is not None], of)
    for row in rows:
        findings = row.get("denominator_of_findings", 0)
        if findings != sums.get(_key(row, of), 0):
            yield f"{row}: the findings sum to {sums.get(_key(row, of), 0)}"


def _of_change(line: Line) -> Iterator[str]:
    """Where a change is not the difference; of counts scaled up, but for their rounding."""
    if line.get("change") is None:
        return
    scaled = line.get("annualised") is not None
    now, before = ("annualised", "annualised_before") if scaled else ("count", "count_before")
    if abs(line["change"] - (line[now] - line[before])) > scaled:
        yield f"{line}: that is not the change"


def _of_row(row: Line, whole: Line) -> Iterator[str]:
    if row["denominator"] != whole["count"]:
        yield f"{row}: its whole is {whole['count']}"
    if (row["percent"] is None) != (row["denominator"] == 0):
        yield f"{row}: a share of nothing, or none of something"
    if "count_before" in row and row["denominator_before"] != whole["count_before"]:
        yield f"{row}: its whole was {whole['count_before']}"
    for name, before in (("", ""), ("_of_findings", ""), ("", "_before")):
        share = row.get(f"percent{name}{before}")
        if share is not None:
            count, of = row[f"count{before}"], row[f"denominator{name}{before}"]
            if share != _half_up(Fraction(100 * count, of)):
                yield f"{row}: the share is not the fraction rounded half up"
    rate, volume = row.get("percent_of_volume"), row.get("volume")
    if rate is not None and round(rate * 100) != _half_up(Fraction(10_000 * row["count"], volume)):
        yield f"{row}: the rate is not the fraction rounded half up"


def _misranked(rows: Sequence[Line], of: Sequence[str]) -> Iterator[str]:
    for before in ("", "_before") if any("rank_before" in row for row in rows) else ("",):
        counts: dict[Key, list[int]] = {}
        for row in rows:
            counts.setdefault(_key(row, of), []).append(row[f"count{before}"])
        for row in rows:
            more = sum(count > row[f"count{before}"] for count in counts[_key(row, of)])
            if row[f"rank{before}"] != 1 + more:
                yield f"{row}: {more} rows of its whole have more{before}"


def _summed(lines: Iterable[Line], of: tuple[str, ...], name: str = "count") -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for line in lines:
        sums[_key(line, of)] = sums.get(_key(line, of), 0) + line[name]
    return sums


def _half_up(fraction: Fraction) -> int:
    return floor(fraction + Fraction(1, 2))


def _key(line: Line, of: Sequence[str]) -> Key:
    return tuple(line[name] for name in of)
