"""Whether what is frozen is what it was, and whether its own data still give its numbers. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.reports import frozen
from app.reports.models import Publication, PublishedFile
from app.reports.schemas import CheckOut, VerificationOut
from app.stats.counted import percent

_MOST_NAMED = 5


def verification(one: Publication, files: Sequence[PublishedFile]) -> VerificationOut:
    """Everything that can be checked of a publication without asking for anything else."""
    checks = [
        _unchanged("document", one.document.encode(), one.sha256),
        _unchanged("cases", one.cases.encode(), one.cases_sha256),
        *(_unchanged(file.form, file.content, file.sha256) for file in files),
        *_reproduced(one),
    ]
    return VerificationOut(holds=all(check.holds for check in checks), checks=checks)


def _unchanged(what: str, content: bytes, sha256: bytes) -> CheckOut:
    found = frozen.mark(content)
    if found == sha256:
        return CheckOut(what=what, holds=True, detail=f"Its SHA-256 is {found.hex()}.")
    detail = f"Its SHA-256 is {found.hex()}, and was {sha256.hex()}: it has been changed."
    return CheckOut(what=what, holds=False, detail=detail)


def _reproduced(one: Publication) -> Iterator[CheckOut]:
    """Count the cases behind every row again, and work out every share again."""
    try:
        document, cases = json.loads(one.document), json.loads(one.cases)
        rows = list(_rows(document, cases))
    except (ValueError, KeyError, TypeError):
        detail = "It can no longer be read, so nothing of it can be worked out again."
        yield CheckOut(what="numbers", holds=False, detail=detail)
        return
    counts = [row for row, behind in rows if row["count"] not in {None, len(behind)}]
    yield _numbers("counts", "the cases that were counted in it", counts, len(rows))
    shares = [row for row, _ in rows if row.get("percent") not in {None, _share(row)}]
    yield _numbers("shares", "its count and its whole", shares, len(rows))


def _rows(
    document: Mapping[str, Any], cases: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], Sequence[int]]]:
    for figure in document["figures"]:
        answer = figure["answer"]
        behind = cases[answer["figure"]]
        for row, numbers in zip(answer["rows"], behind, strict=True):
            yield {"figure": answer["figure"], **row}, numbers


def _share(row: Mapping[str, Any]) -> int | None:
    count, whole = row["count"], row["denominator"]
    return None if count is None or whole is None else percent(count, whole)


def _numbers(what: str, source: str, wrong: Sequence[Mapping[str, Any]], count: int) -> CheckOut:
    if not wrong:
        detail = f"Each of {count} rows follows from {source}."
        return CheckOut(what=what, holds=True, detail=detail)
    named = ", ".join(dict.fromkeys(row["figure"] for row in wrong[:_MOST_NAMED]))
    detail = f"{len(wrong)} of {count} rows do not follow from {source}, such as of {named}."
    return CheckOut(what=what, holds=False, detail=detail)
