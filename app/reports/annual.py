"""The annual report of a year, put together from what was counted, written and laid down. Pure."""

from app.reports.chapters import CHAPTERS, Chapter
from app.reports.document import Chart, Exhibit, Report, Section
from app.reports.evidence import Evidence
from app.reports.sentences import sentences
from app.reports.tables import tables
from app.reports.vocabulary import Place
from app.reports.words import year
from app.stats.answer import Answer
from app.stats.charts.chart import chart
from app.stats.charts.specification import specification


def annual_report(evidence: Evidence) -> Report:
    """Write the report."""
    return Report(
        council=evidence.reference.council,
        title=f"Customer feedback annual report {year(str(evidence.year))}",
        subject=evidence.subject,
        year=str(evidence.year),
        since=evidence.year.since,
        until=evidence.year.until,
        services=evidence.services,
        as_of=evidence.as_of,
        sections=tuple(_section(evidence, chapter) for chapter in CHAPTERS),
    )


def _section(evidence: Evidence, chapter: Chapter) -> Section:
    return Section(
        key=chapter.key,
        title=chapter.title,
        paragraphs=tuple(chapter.paragraphs(evidence)),
        remarks=tuple(evidence.remarks.get((Place.section, chapter.key), ())),
        tables=tuple(chapter.tables(evidence)),
        exhibits=tuple(_exhibit(evidence, slug) for slug in chapter.figures),
    )


def _exhibit(evidence: Evidence, slug: str) -> Exhibit:
    answer = evidence.answers[slug]
    figure = answer.figure
    return Exhibit(
        figure=slug,
        label=evidence.labels[slug],
        title=figure.title,
        means=figure.means,
        population=answer.population,
        sentences=sentences(evidence, slug),
        chart=_chart(answer),
        tables=tables(answer),
        notes=answer.notes,
        remarks=tuple(evidence.remarks.get((Place.figure, slug), ())),
    )


def _chart(answer: Answer) -> Chart | None:
    if not chart(answer).panels:
        return None
    drawn = specification(answer)
    return Chart(drawn, drawn["description"])
