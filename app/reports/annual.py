"""The annual report of a year, put together from what was counted, written and laid down. Pure."""

from collections.abc import Iterator

from app.reports.chapters import CHAPTERS, Chapter
from app.reports.document import Chart, Exhibit, Report, Section
from app.reports.evidence import Evidence, labels
from app.reports.sentences import sentences
from app.reports.tables import tables
from app.reports.vocabulary import Place
from app.reports.words import year
from app.stats.answer import Answer
from app.stats.catalogue import BY_SLUG
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
        paragraphs=(*chapter.paragraphs(evidence), *_left_out(evidence, chapter)),
        remarks=tuple(evidence.remarks.get((Place.section, chapter.key), ())),
        tables=tuple(chapter.tables(evidence)),
        exhibits=tuple(
            _exhibit(evidence, slug) for slug in chapter.figures if slug in evidence.answers
        ),
    )


def _left_out(evidence: Evidence, chapter: Chapter) -> Iterator[str]:
    """Which of its figures the reader looks for in vain, and why."""
    for figure in (BY_SLUG[slug] for slug in chapter.figures if slug not in evidence.answers):
        name = labels([figure])[figure.slug]
        yield (
            f"{name}, {figure.title}, is not in this report: where small numbers are withheld, "
            "it is told of the whole council only."
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
