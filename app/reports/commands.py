"""What officers do to a report: write in it, propose it for publication, and let it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.principal import Principal
from app.kit.problem import Problem
from app.reports import frozen
from app.reports.models import Confirmation, Publication, PublishedFile, ReportText, Withdrawal
from app.reports.publications import Found, Which, find, take_turns
from app.reports.schemas import TextIn, TextOut
from app.reports.vocabulary import FileForm
from app.stats.answer import Disclosure


class AlreadyPublished(Problem):
    """What is published is published for ever."""

    status = HTTPStatus.CONFLICT
    title = "It is published already"


class ProposalWithdrawn(Problem):
    """What is withdrawn is not published; it can be proposed anew."""

    status = HTTPStatus.CONFLICT
    title = "The proposal was withdrawn"


class SamePerson(Problem):
    """Whoever proposes a publication does not let it out as well."""

    status = HTTPStatus.CONFLICT
    title = "A second officer has to confirm"


class ReadSomethingElse(Problem):
    """The mark is not that of the publication, so what was read is not what would be let out."""

    status = HTTPStatus.CONFLICT
    title = "The mark is not that of this publication"


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that is frozen of a report."""

    which: Which
    disclosure: Disclosure
    as_of: datetime
    document: str
    cases: str
    files: Mapping[FileForm, bytes]


async def write_text(
    session: AsyncSession, year: str, asked: TextIn, *, by: Principal, now: datetime
) -> TextOut:
    """Have a text stand under a section or a figure, in place of what stood there."""
    assert by.officer is not None  # a key that publishes names one on every act
    written = ReportText(
        year=year,
        services=sorted(set(asked.services)),
        place=asked.place,
        name=asked.name,
        text=asked.text,
        author=asked.author,
        officer=by.officer,
        client=by.client,
        written_at=now,
    )
    session.add(written)
    await session.flush()
    return TextOut.model_validate(written, from_attributes=True)


async def propose(
    session: AsyncSession, content: Content, *, by: Principal, now: datetime
) -> Found:
    """Freeze a report, for a second officer to read and to let out."""
    assert by.officer is not None
    assert content.which.version is not None
    row = Publication(
        year=content.which.year,
        services=list(content.which.services),
        version=content.which.version,
        disclosure=content.disclosure,
        as_of=content.as_of,
        document=content.document,
        sha256=frozen.mark(content.document),
        cases=content.cases,
        cases_sha256=frozen.mark(content.cases),
        proposed_by=by.officer,
        proposed_at=now,
        client=by.client,
    )
    session.add(row)
    await session.flush()
    await session.execute(
        sa.insert(PublishedFile),
        [
            {
                "publication_id": row.id,
                "form": form,
                "content": whole,
                "sha256": frozen.mark(whole),
            }
            for form, whole in content.files.items()
        ],
    )
    return Found(row)


async def confirm(
    session: AsyncSession, which: Which, sha256: str, *, by: Principal, now: datetime
) -> Found:
    """Let a proposed report out, for ever."""
    assert by.officer is not None
    proposed = await _undecided(session, which)
    assert proposed.id is not None
    if proposed.proposed_by.lower() == by.officer.lower():
        raise SamePerson("Have an officer confirm it who did not propose it.")
    if proposed.sha256.hex() != sha256:
        raise ReadSomethingElse("Read it again, and send the mark of what you have read.")
    let_out = Confirmation(
        publication_id=proposed.id,
        proposed_by=proposed.proposed_by,
        confirmed_by=by.officer,
        confirmed_at=now,
        client=by.client,
    )
    session.add(let_out)
    await session.flush()
    return Found(proposed, confirmed=let_out)


async def withdraw(
    session: AsyncSession, which: Which, reason: str, *, by: Principal, now: datetime
) -> Found:
    """Have a proposal come to nothing; what has been published is never withdrawn."""
    assert by.officer is not None
    proposed = await _undecided(session, which)
    assert proposed.id is not None
    gone = Withdrawal(
        publication_id=proposed.id,
        reason=reason,
        withdrawn_by=by.officer,
        withdrawn_at=now,
        client=by.client,
    )
    session.add(gone)
    await session.flush()
    return Found(proposed, withdrawn=gone)


async def _undecided(session: AsyncSession, which: Which) -> Publication:
    """What is proposed and neither published nor withdrawn; nobody else decides meanwhile."""
    await take_turns(session)
    found = await find(session, which)
    if found.confirmed is not None:
        raise AlreadyPublished("It stays for ever. Publish a newer version to put it right.")
    if found.withdrawn is not None:
        raise ProposalWithdrawn("Propose the report anew: it is counted as it is then.")
    return found.proposed
