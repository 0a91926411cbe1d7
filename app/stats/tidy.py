"""Tidy CSV (RFC 4180): UTF-8, one line of names, one line for each row, and nothing else.

There is no byte order mark: pandas, R and Power BI take the encoding from us. Excel, which opens
a file by a double click without asking, is better served with a workbook.
"""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime

from app.stats.answer import Answer
from app.stats.table import FORMULA, Cell, Table


def as_csv(answer: Answer, table: Table) -> bytes:
    """A table of an answer; every line says for which days it is true, and as of when."""
    period = answer.period
    when = {
        "period_since": period.since,
        "period_until": period.until,
        "as_of": answer.as_of,
    }
    lines = ((*line, *when.values()) for line in table.lines)
    return "".join(written([(*table.columns, *when), *lines])).encode()


def written(lines: Iterable[Iterable[Cell | None]]) -> Iterable[str]:
    """Lines as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    for line in lines:
        writer.writerow([safe(one) for one in line])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def safe(cell: Cell | None) -> str | int | float:
    """A cell that no spreadsheet takes for a formula: text that would begin one is quoted."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return cell
