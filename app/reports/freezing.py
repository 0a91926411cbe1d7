"""A report as it would be frozen now: its document, the cases behind it, and its forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from app.procedures.reference import ReferenceData
from app.reports import frozen
from app.reports.annual import annual_report
from app.reports.as_html import Edition, as_html
from app.reports.commands import Content
from app.reports.document import Report
from app.reports.evidence import Evidence
from app.reports.glance import glance
from app.reports.publications import Which
from app.reports.queries import FIGURES, gather
from app.reports.schemas import AskedOut, DocumentOut
from app.reports.vocabulary import FileForm
from app.stats.answer import Disclosure
from app.stats.figure import Figure
from app.stats.membership import Members, members
from app.stats.question import Question
from app.stats.schemas import AnswerOut

_FILES: Mapping[FileForm, Callable[[Report, Edition], bytes]] = {
    FileForm.html: lambda report, edition: as_html(report, edition).encode(),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as its figures stand, and the cases behind each of them."""

    evidence: Evidence
    services: Mapping[str, tuple[str, ...]]  # that each figure was asked about
    behind: Mapping[str, Members]
    disclosure: Disclosure

    def content(self, version: int) -> Content:
        """Everything that is frozen of it. It takes a second or two: not for the event loop."""
        evidence = self.evidence
        which = Which(str(evidence.year), tuple(sorted(evidence.services)), version)
        report = annual_report(evidence)
        document = DocumentOut(
            year=which.year,
            services=list(which.services),
            version=version,
            disclosure=self.disclosure,
            as_of=evidence.as_of,
            glance=list(glance(evidence)),
            report=report,
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
            suffixes=["json", *(form for form in _FILES if form is not FileForm.html)],
        )
        cases = {
            slug: self.behind[slug].behind(answer) for slug, answer in evidence.answers.items()
        }
        return Content(
            which=which,
            disclosure=self.disclosure,
            as_of=evidence.as_of,
            document=text,
            cases=frozen.canonical(cases),
            files={form: write(report, edition) for form, write in _FILES.items()},
        )


async def draft(
    session: AsyncSession,
    question: Question,
    council: ReferenceData,
    *,
    whole_council: bool,
    disclosure: Disclosure,
) -> Draft:
    """Count everything that a publication freezes, in the one snapshot of the session."""
    evidence = await gather(
        session,
        question,
        council,
        whole_council=whole_council,
        exact=disclosure is Disclosure.exact,
    )
    services = {
        figure.slug: asked_about(figure, question.services, whole_council=whole_council)
        for figure in FIGURES
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
