"""A report as a Word document: real headings, tables with header rows, pictures with words."""

import io
from typing import TYPE_CHECKING, Any

from app.kit.clock import london_day
from app.reports.document import Exhibit, Kind, Remark, Report, Section, Table
from app.reports.pictures import Pictures
from app.reports.words import cell
from app.stats.labels import day
from app.stats.table import SHORTHAND

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_LANGUAGE = "en-GB"
_WIDTH = 16  # centimetres of a picture
_TABLE = "Light List"
_LONGEST = 255  # characters of a property of a document
_NOT_IN_XML = dict.fromkeys({*range(0x20), 0xFFFE, 0xFFFF} - {0x09, 0x0A, 0x0D})
"""What people can type and a document cannot hold: it is left out."""


def as_word(report: Report, pictures: Pictures) -> bytes:
    """The report as DOCX. python-docx is loaded when the first one is asked for."""
    from docx import Document

    document = Document()
    document.core_properties.title = _property(f"{report.title}: {report.subject}")
    document.core_properties.author = _property(report.council)
    document.core_properties.language = _LANGUAGE
    _speak(document)
    _say(document, report.council, style="Subtitle")
    _say(document, report.title, style="Title")
    _say(document, report.subject)
    _say(
        document,
        f"1 April {report.since.year} to 31 March {report.until.year}."
        f" As known on {day(london_day(report.as_of))}.",
    )
    for number, section in enumerate(report.sections, start=1):
        _section(document, section, number, pictures)
    _head(document, "Shorthand", level=1)
    for mark, means in SHORTHAND.items():
        _say(document, f"{mark} {means}", style="List Bullet")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _property(words: str) -> str:
    return words.translate(_NOT_IN_XML)[:_LONGEST]


def _speak(document: "Document") -> None:
    """Have the document read out, and checked, as British English."""
    from docx.oxml.ns import qn

    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGE)


def _say(document: "Document", words: str, style: str | None = None) -> "Paragraph":
    return document.add_paragraph(words.translate(_NOT_IN_XML), style=style)


def _head(document: "Document", words: str, level: int) -> None:
    document.add_heading(words.translate(_NOT_IN_XML), level=level)


def _section(document: "Document", section: Section, number: int, pictures: Pictures) -> None:
    _head(document, f"{number} {section.title}", level=1)
    for paragraph in section.paragraphs:
        _say(document, paragraph)
    _remarks(document, section.remarks)
    for table in section.tables:
        _table(document, table)
    for exhibit in section.exhibits:
        _exhibit(document, exhibit, pictures.get(exhibit.figure))


def _exhibit(document: "Document", exhibit: Exhibit, picture: bytes | None) -> None:
    _head(document, f"{exhibit.label}: {exhibit.title}", level=2)
    _say(document, f"{exhibit.means} Counted: {exhibit.population}.")
    for sentence in exhibit.sentences:
        _say(document, sentence)
    if picture and exhibit.chart:
        _picture(document, picture, exhibit.chart.alternative)
    for table in exhibit.tables:
        _table(document, table)
    if exhibit.notes:
        _head(document, "Notes", level=3)
        for note in exhibit.notes:
            _say(document, note, style="List Bullet")
    _remarks(document, exhibit.remarks)


def _picture(document: "Document", picture: bytes, alternative: str) -> None:
    from docx.shared import Cm

    shape = document.add_picture(io.BytesIO(picture), width=Cm(_WIDTH))
    shape._inline.docPr.set("descr", alternative.translate(_NOT_IN_XML))  # noqa: SLF001  # python-docx has no name for it


def _table(document: "Document", table: Table) -> None:
    caption = _say(document, table.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    lines = (*table.rows, *table.totals)
    grid = document.add_table(rows=1 + len(lines), cols=len(table.columns), style=_TABLE)
    _header(grid.rows[0])
    shown = [[column.heading for column in table.columns]]
    shown += [
        [cell(content, column.kind) for content, column in zip(line, table.columns, strict=True)]
        for line in lines
    ]
    for row, texts in zip(grid.rows, shown, strict=True):
        for place, text, column in zip(row.cells, texts, table.columns, strict=True):
            place.text = text.translate(_NOT_IN_XML)
            if column.kind is not Kind.text:
                _to_the_right(place.paragraphs[0])
    document.add_paragraph()


def _header(row: Any) -> None:  # noqa: ANN401  # a row of python-docx, reached by its XML
    """Have a row repeated on every page, and read out as the heads of its columns."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # as in _picture


def _to_the_right(paragraph: Any) -> None:  # noqa: ANN401  # a paragraph of python-docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _remarks(document: "Document", remarks: tuple[Remark, ...]) -> None:
    for remark in remarks:
        for paragraph in remark.paragraphs:
            _say(document, paragraph, style="Quote")
        _say(document, f"{remark.author}, {day(remark.written_on)}", style="Quote")
