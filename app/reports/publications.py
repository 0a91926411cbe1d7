"""Reads: what officers wrote in a report, and what was proposed and published of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col

from app.access.principal import Principal
from app.kit.clock import london_day
from app.kit.problem import Problem
from app.reports import frozen
from app.reports.document import Remark
from app.reports.models import Confirmation, Publication, PublishedFile, ReportText, Withdrawal
from app.reports.schemas import PublicationOut, TextOut
from app.reports.vocabulary import FileForm
from app.stats.answer import Disclosure
from app.stats.asking import ServiceNotYours
from app.stats.period import FinancialYear

_MOST = 1_000


class PublicationNotFound(Problem):
    """There is no such publication, or it is not open to all yet."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such publication"


@dataclass(frozen=True, slots=True)
class Which:
    """One publication: of which year, about which services, and which version; none: the newest."""

    year: str
    services: tuple[str, ...]
    version: int | None = None

    @property
    def matches(self) -> sa.ColumnElement[bool]:
        """The row it is."""
        found = (col(Publication.year) == self.year) & (
            col(Publication.services) == list(self.services)
        )
        if self.version is not None:
            found &= col(Publication.version) == self.version
        return found


def sees(by: Principal, services: Sequence[str]) -> bool:
    """Whether a key may see what is about these services; none: about all of them."""
    return by.services is None or bool(services and by.services.issuperset(services))


def may_see(by: Principal, services: Sequence[str]) -> None:
    """Refuse a key for certain services what is about others, or about all of them."""
    if not sees(by, services):
        assert by.services is not None
        raise ServiceNotYours("Ask about the services of your key.", allowed=sorted(by.services))


async def remarks_in(
    session: AsyncSession, year: str, services: Sequence[str]
) -> Mapping[tuple[str, str], Sequence[Remark]]:
    """What officers wrote, by where it stands: the newest text of each place."""
    written = (
        sa.select(ReportText)
        .where(col(ReportText.year) == year, col(ReportText.services) == sorted(services))
        .order_by(col(ReportText.id))
    )
    newest = {(one.place, one.name): one for one in (await session.execute(written)).scalars()}
    return {
        place: (_remark(one, one.text),) for place, one in newest.items() if one.text is not None
    }


def _remark(written: ReportText, text: str) -> Remark:
    paragraphs = (" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n"))
    return Remark(
        tuple(part for part in paragraphs if part), written.author, london_day(written.written_at)
    )


async def texts_of(session: AsyncSession, year: str, *, by: Principal) -> list[TextOut]:
    """Everything that was written in the reports of a year that the key may see, newest first."""
    asked = sa.select(ReportText).where(col(ReportText.year) == year)
    found = await session.execute(asked.order_by(col(ReportText.id).desc()).limit(_MOST))
    return [
        TextOut.model_validate(text, from_attributes=True)
        for text in found.scalars()
        if sees(by, text.services)
    ]


_EACH = (
    sa.select(Publication, Confirmation, Withdrawal)
    .outerjoin(Confirmation, col(Confirmation.publication_id) == col(Publication.id))
    .outerjoin(Withdrawal, col(Withdrawal.publication_id) == col(Publication.id))
)


@dataclass(frozen=True, slots=True)
class Found:
    """A publication as it was proposed, and what let it out or withdrew it, if anything has."""

    proposed: Publication
    confirmed: Confirmation | None = None
    withdrawn: Withdrawal | None = None

    @property
    def which(self) -> Which:
        """Which one it is."""
        return Which(self.proposed.year, tuple(self.proposed.services), self.proposed.version)

    @property
    def out(self) -> PublicationOut:
        """What there is to know of it, without its content."""
        one, let_out, gone = self.proposed, self.confirmed, self.withdrawn
        where = frozen.address(one.year, one.services, one.version)
        return PublicationOut(
            year=one.year,
            services=one.services,
            version=one.version,
            disclosure=Disclosure(one.disclosure),
            as_of=one.as_of,
            sha256=one.sha256.hex(),
            proposed_by=one.proposed_by,
            proposed_at=one.proposed_at,
            confirmed_by=let_out.confirmed_by if let_out else None,
            confirmed_at=let_out.confirmed_at if let_out else None,
            withdrawn_by=gone.withdrawn_by if gone else None,
            withdrawn_at=gone.withdrawn_at if gone else None,
            withdrawn_because=gone.reason if gone else None,
            address=where if let_out else None,
        )


async def find(session: AsyncSession, which: Which, *, published: bool = False) -> Found:
    """A publication, whole; PublicationNotFound where there is none, or none that is out."""
    asked = _EACH.where(which.matches).order_by(col(Publication.version).desc()).limit(1)
    if published:
        # Every page that is open to all is read so, and none shows which cases were counted.
        asked = asked.where(col(Confirmation.publication_id).is_not(None))
        asked = asked.options(defer(Publication.cases))  # type: ignore[arg-type]  # SQLModel's way
    row = (await session.execute(asked)).first()
    if row is None:
        raise PublicationNotFound("The list of publications says what there is: read it again.")
    return Found(*row)


async def last_published(
    session: AsyncSession, year: FinancialYear, services: Sequence[str]
) -> tuple[Mapping[str, Any], ...] | None:
    """Every answer of the newest report of a year about these services; none: there is none."""
    which = Which(str(year), tuple(sorted(services)))
    try:
        found = await find(session, which, published=True)
    except PublicationNotFound:
        return None
    document = json.loads(found.proposed.document)
    answers = [figure["answer"] for figure in document["figures"]]
    return (*answers, *document["earlier_years"])


async def listed(
    session: AsyncSession, *, year: str | None = None, published: bool = False
) -> list[Found]:
    """Publications without their content, the newest first."""
    heavy = (Publication.document, Publication.cases)
    light = [defer(column) for column in heavy]  # type: ignore[arg-type]  # SQLModel's own way
    asked = _EACH.options(*light).order_by(
        col(Publication.year).desc(), col(Publication.services), col(Publication.version).desc()
    )
    if year is not None:
        asked = asked.where(col(Publication.year) == year)
    if published:
        asked = asked.where(col(Confirmation.publication_id).is_not(None))
    return [Found(*row) for row in await session.execute(asked.limit(_MOST))]


async def glance_of(session: AsyncSession, found: Found) -> list[dict[str, Any]]:
    """What is shown of a publication at a glance."""
    within = sa.cast(col(Publication.document), JSONB)["glance"]
    asked = sa.select(within).where(col(Publication.id) == found.proposed.id)
    return list((await session.execute(asked)).scalar_one() or ())


async def files_of(session: AsyncSession, found: Found) -> Sequence[PublishedFile]:
    """A publication in every form for readers."""
    asked = sa.select(PublishedFile).where(col(PublishedFile.publication_id) == found.proposed.id)
    return (await session.execute(asked.order_by(col(PublishedFile.form)))).scalars().all()


async def file_of(session: AsyncSession, found: Found, form: FileForm) -> PublishedFile:
    """A publication in a form for readers."""
    asked = sa.select(PublishedFile).where(
        col(PublishedFile.publication_id) == found.proposed.id, col(PublishedFile.form) == form
    )
    return (await session.execute(asked)).scalar_one()


async def next_version(session: AsyncSession, which: Which) -> int:
    """The number of the version that comes next; whoever asks at once waits for the first."""
    await take_turns(session)
    last = sa.select(sa.func.max(col(Publication.version))).where(which.matches)
    return int((await session.execute(last)).scalar() or 0) + 1


async def take_turns(session: AsyncSession) -> None:
    """Of acts at once on what is proposed, let the second see what the first has done."""
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('core.publication'))"))
