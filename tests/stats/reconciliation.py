"""Whether an answer's numbers account for one another, whatever was counted."""

from collections.abc import Iterator, Mapping
from typing import Any


def disagreements(answer: Mapping[str, Any]) -> Iterator[str]:
    """Every place where rows, wholes and what was left out do not sum."""
    of = tuple(answer["denominator"])
    rows, left_out = _summed(answer["rows"], of), _summed(answer["left_out"], of)
    wholes = {_key(total, of): total for total in answer["totals"]}
    if not set(rows) <= set(wholes) or not set(left_out) <= set(wholes):
        yield "something has no whole"
    for key, total in wholes.items():
        if rows.get(key, 0) != total["count"]:
            yield f"{key}: rows sum to {rows.get(key, 0)}, the whole is {total['count']}"
        accounted = total["count"] + left_out.get(key, 0)
        if accounted != total["considered"]:
            yield f"{key}: {total['considered']} considered, {accounted} accounted for"
    for row in answer["rows"]:
        yield from _of_row(row, whole=wholes[_key(row, of)]["count"])


def _of_row(row: Mapping[str, Any], *, whole: int) -> Iterator[str]:
    if row["denominator"] != whole:
        yield f"{row}: its whole is {whole}"
    for count, of, share in (
        (row["count"], row["denominator"], row["percent"]),
        (
            row["count"],
            row.get("denominator_of_findings", 0),
            row.get("percent_of_findings"),
        ),
    ):
        # Half up, in integers: twice the error of a share is at most one per cent of its whole.
        if share is not None and not -of < 2 * (share * of - 100 * count) <= of:
            yield f"{row}: the share is not the fraction rounded half up"


def _summed(lines: list[Mapping[str, Any]], of: tuple[str, ...]) -> dict[tuple[Any, ...], int]:
    sums: dict[tuple[Any, ...], int] = {}
    for line in lines:
        sums[_key(line, of)] = sums.get(_key(line, of), 0) + line["count"]
    return sums


def _key(line: Mapping[str, Any], of: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(line[name] for name in of)
