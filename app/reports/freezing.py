"""A report as it would be frozen now: its document, the cases behind it, and its forms."""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from app.procedures.reference import ReferenceData
from app.reports import frozen
from app.reports.annual import annual_report
from app.reports.as_html import Edition, as_html
from app.reports.as_word import as_word
from app.reports.as_workbook import as_workbook
from app.reports.commands import Content
from app.reports.document import Report
from app.reports.evidence import Evidence
from app.reports.glance import glance
from app.reports.pictures import Pictures, pictures
from app.reports.publications import Which
from app.reports.queries import FIGURES, gather
from app.reports.schemas import AskedOut, DocumentOut
from app.reports.vocabulary import FileForm
from app.stats.answer import Disclosure
from app.stats.disclosure import Rules
from app.stats.figure import Figure
from app.stats.membership import Members, members
from app.stats.question import Question
from app.stats.schemas import AnswerOut


@dataclass(frozen=True, slots=True)
class Written:
    """What of a report does not depend on its version, and takes longest: its charts and files."""

    report: Report
    charts: Pictures
    files: Mapping[FileForm, bytes]

    @classmethod
    def of(cls, report: Report, *, svg: Pictures, png: Pictures) -> Self:
        """A report with its charts, and the forms that are files."""
        files = {FileForm.docx: as_word(report, png), FileForm.xlsx: as_workbook(report)}
        return cls(report, svg, files)


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as its figures stand, and the cases behind each of them."""

    evidence: Evidence
    services: Mapping[str, tuple[str, ...]]  # that each figure was asked about
    behind: Mapping[str, Members]
    disclosure: Disclosure

    async def written(self, *, drawn: bool = True) -> Written:
        """All that can be made of it before anything is held: it takes some seconds.

        Raises NotDrawn where a chart cannot be drawn now, unless it may do without.
        """
        report = await to_thread(annual_report, self.evidence)
        svg, png = [await pictures(report, kind, needed=drawn) for kind in ("svg", "png")]
        return await to_thread(Written.of, report, svg=svg, png=png)

    def content(self, version: int, written: Written) -> Content:
        """Everything that is frozen of it. It takes a moment: not for the event loop."""
        evidence = self.evidence
        which = Which(str(evidence.year), tuple(sorted(evidence.services)), version)
        document = DocumentOut(
            year=which.year,
            services=list(which.services),
            version=version,
            disclosure=self.disclosure,
            as_of=evidence.as_of,
            glance=list(glance(evidence)),
            report=written.report,
            figures=[
                AskedOut(services=list(self.services[slug]), answer=AnswerOut.of(answer))
                for slug, answer in evidence.answers.items()
            ],
            earlier_years=[AnswerOut.of(answer) for answer in evidence.past.values()],
        )
        text = frozen.canonical(document.model_dump(mode="json", exclude_unset=True))
        edition = Edition(
            version=version,
            newest=frozen.address(which.year, which.services),
            disclosure=self.disclosure,
            sha256=frozen.mark(text).hex(),
            suffixes=["json", *written.files],
        )
        page = as_html(written.report, written.charts, edition).encode()
        cases = {
            slug: self.behind[slug].behind(answer) for slug, answer in evidence.answers.items()
        }
        return Content(
            which=which,
            disclosure=self.disclosure,
            as_of=evidence.as_of,
            document=text,
            cases=frozen.canonical(cases),
            files={FileForm.html: page, **written.files},
        )


async def draft(
    session: AsyncSession,
    question: Question,
    council: ReferenceData,
    *,
    whole_council: bool,
    disclosure: Disclosure,
    rules: Rules,
) -> Draft:
    """Count everything that a publication freezes, in the one snapshot of the session."""
    evidence = await gather(
        session,
        question,
        council,
        whole_council=whole_council,
        exact=disclosure is Disclosure.exact,
        rules=rules,
    )
    services = {
        slug: asked_about(answer.figure, question.services, whole_council=whole_council)
        for slug, answer in evidence.answers.items()
    }
    return Draft(
        evidence=evidence,
        services=services,
        behind=await behind(session, question, services),
        disclosure=disclosure,
    )


def asked_about(
    figure: Figure, services: tuple[str, ...], *, whole_council: bool
) -> tuple[str, ...]:
    """The services that a report asks a figure about; none: all of the council, as a comparison."""
    return () if whole_council and "service" not in figure.by else services


async def behind(
    session: AsyncSession, question: Question, services: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Members]:
    """The cases behind each figure of a report, each asked about its own services."""
    found: dict[str, Members] = {}
    wanted = [figure for figure in FIGURES if figure.slug in services]
    ordered = sorted(wanted, key=lambda figure: services[figure.slug])
    for about, figures in groupby(ordered, key=lambda figure: services[figure.slug]):
        some = list(figures)
        named = await members(session, some, replace(question, services=about))
        found |= {figure.slug: one for figure, one in zip(some, named, strict=True)}
    return found
