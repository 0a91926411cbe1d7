"""Where an answer of the service differs from what was counted by other means."""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from statistics import median
from typing import Any

from tests.stats.oracle import FIGURES, Count, Key
from tests.stats.oracle_cases import FINDINGS

AMOUNTS = {  # what figures say more of than how many
    "financial-remedies": "pence",
    "days-taken": "working_days",
    "open-complaints": "days_open",
}

Answer = Mapping[str, Any]
Line = Mapping[str, Any]


def differences(answer: Answer, expected: Count) -> Iterator[str]:
    """Every number of an answer that is not the one expected, and every one that is missing."""
    figure = FIGURES[answer["figure"]]
    whole, by = figure.whole, (*figure.whole, figure.cut)
    if tuple(answer["cuts"]) != by:
        yield f"it is cut by {answer['cuts']}"
    yield from _unlike("row", _counts(answer["rows"], by), expected.rows)
    if len({_key(row, by) for row in answer["rows"]}) != len(answer["rows"]):
        yield "a row is there twice"
    yield from _unlike("whole", _counts(answer["totals"], whole), expected.wholes)
    considered = _counts(answer["totals"], whole, what="considered")
    yield from _unlike("considered", considered, expected.considered)
    left_out = _counts(answer["left_out"], (*whole, "reason"))
    yield from _unlike("left out", left_out, expected.left_out)
    for row in answer["rows"]:
        key = _key(row, whole)
        yield from _share(row, "denominator", "percent", expected.wholes[key])
        if answer["figure"] == "outcomes":
            findings = sum(expected.rows[*key, finding] for finding in FINDINGS)
            part = findings if row["outcome"] in FINDINGS else 0
            yield from _share(row, None, "percent_of_findings", part)
            if row["denominator_of_findings"] != findings:
                yield f"{row}: there were {findings} findings"
    for lines, names in ((answer["rows"], by), (answer["totals"], whole)):
        for line in lines:
            amounts = sorted(expected.amounts.get(_key(line, names), []))
            yield from _amounts(line, AMOUNTS.get(answer["figure"]), amounts)


def _amounts(line: Line, name: str | None, amounts: list[int]) -> Iterator[str]:
    """Where what the amounts of a line come to is not what it says."""
    if name == "pence":
        come_to: dict[str, Any] = {"sum_pence": sum(amounts)}
    elif name:
        nine_in_ten = amounts[ceil(Fraction(9 * len(amounts), 10)) - 1] if amounts else None
        come_to = {
            f"median_{name}": median(amounts) if amounts else None,
            f"percentile_{name}": nine_in_ten,
        }
    else:
        return
    for quantity, expected in come_to.items():
        if line[quantity] != expected:
            yield f"{line}: {quantity} should be {expected}"


def half_up(fraction: Fraction) -> int:
    """The nearest whole number; of two, the higher."""
    return floor(fraction + Fraction(1, 2))


def _share(row: Line, denominator: str | None, percent: str, whole: int) -> Iterator[str]:
    if denominator and row[denominator] != whole:
        yield f"{row}: its whole is {whole}"
    share = half_up(Fraction(100 * row["count"], whole)) if whole else None
    if row[percent] != share:
        yield f"{row}: {percent} should be {share}"


def _counts(lines: list[Line], names: tuple[str, ...], *, what: str = "count") -> Counter[Key]:
    found: Counter[Key] = Counter()
    for line in lines:
        found[_key(line, names)] += line[what]
    return found


def _key(line: Line, names: tuple[str, ...]) -> Key:
    return tuple(line[name] for name in names)


def _unlike(what: str, said: Counter[Key], expected: Counter[Key]) -> Iterator[str]:
    for key in sorted({*said, *expected}, key=str):
        if said[key] != expected[key]:
            yield f"{what} {key}: the service says {said[key]}, the oracle {expected[key]}"
