"""A report as a workbook: its words on one sheet, and each of its tables on one of its own."""

from collections.abc import Iterator

from app.kit.clock import london_day
from app.reports.document import Cell, Column, Kind, Report, Section, Table
from app.stats.labels import day
from app.stats.workbook import Book, Sheet, written


def as_workbook(report: Report) -> bytes:
    """The report as XLSX, by the rules for accessible spreadsheets."""
    return written(
        Book(
            title=f"{report.title}: {report.subject}",
            cover=tuple(_cover(report)),
            notes=tuple(_notes(report)),
            sheets=(_words(report), *_tables(report)),
        )
    )


def _cover(report: Report) -> Iterator[str]:
    yield report.council
    yield f"{report.subject}, 1 April {report.since.year} to 31 March {report.until.year}."
    yield f"As known on {day(london_day(report.as_of))}."
    yield "The worksheet Report has its words; each of its tables has a worksheet of its own."


def _notes(report: Report) -> Iterator[str]:
    yield "Percentages are exact fractions, rounded half up to a whole number."
    for section in report.sections:
        for exhibit in section.exhibits:
            yield f"{exhibit.label}: {exhibit.means} Counted: {exhibit.population}."
            yield from (f"{exhibit.label}: {note}" for note in exhibit.notes)


def _words(report: Report) -> Sheet:
    lines = [line for section in report.sections for line in _said(section)]
    return Sheet(
        name="Report",
        title="The report in words",
        about="One table: what each section and each figure says, paragraph by paragraph.",
        headings=("Section", "Under", "Paragraph"),
        lines=tuple(lines),
    )


def _said(section: Section) -> Iterator[tuple[str, str, str]]:
    for paragraph in section.paragraphs:
        yield section.title, section.title, paragraph
    for remark in section.remarks:
        for paragraph in remark.paragraphs:
            yield section.title, f"{remark.author}, {day(remark.written_on)}", paragraph
    for exhibit in section.exhibits:
        for sentence in exhibit.sentences:
            yield section.title, exhibit.label, sentence
        for remark in exhibit.remarks:
            for paragraph in remark.paragraphs:
                yield section.title, f"{remark.author}, {day(remark.written_on)}", paragraph


def _tables(report: Report) -> Iterator[Sheet]:
    for section in report.sections:
        for number, table in enumerate(section.tables, start=1):
            yield _sheet(f"{section.key.capitalize()}_{number}", section.title, table)
        for exhibit in section.exhibits:
            for number, table in enumerate(exhibit.tables, start=1):
                name = f"{exhibit.label.replace(' ', '_')}_{number}"
                yield _sheet(name, f"{exhibit.label}: {exhibit.title}", table)


def _sheet(name: str, title: str, table: Table) -> Sheet:
    lines = (*table.rows, *table.totals)
    return Sheet(
        name=name,
        title=f"{title}. {table.caption}",
        about="One table. The last row is the whole." if table.totals else "One table.",
        headings=tuple(_heading(column) for column in table.columns),
        lines=tuple(
            tuple(_cell(cell, column) for cell, column in zip(line, table.columns, strict=True))
            for line in lines
        ),
    )


def _heading(column: Column) -> str:
    return f"{column.heading} (£)" if column.kind is Kind.pence else column.heading


def _cell(cell: Cell, column: Column) -> Cell:
    """A cell as a number that can be reckoned with: money in pounds."""
    return cell / 100 if column.kind is Kind.pence and not isinstance(cell, str) else cell
