"""The same intake as SQLModel's and FastAPI's tutorials would write it: objects in a session.

The same tables, the same rows, the same validation of the body, a repeat recognised, one commit.
It asks for no key, writes no log line and sets no headers: what it is measured against does.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlmodel import select

from app.cases.models import Case, CaseSystem, Entry, Narrative, Person, Standing
from app.cases.people import email_key, phone_key
from app.intake.schemas import FeedbackIn
from app.kit.clock import london_day
from app.kit.idempotency import Idempotency, fingerprint
from app.kit.settings import load
from app.procedures.vocabulary import NOT_CATEGORISED
from tests.bench.stand import CONNECTIONS
from tests.bench.starting import announced

app = FastAPI()
engine = create_async_engine(load().sqlalchemy_url, pool_size=CONNECTIONS, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/feedback", status_code=201)
async def submit(
    feedback: FeedbackIn,
    session: Session,
    idempotency_key: Annotated[str, Header()],
) -> dict[str, Any]:
    seen = await session.scalar(
        select(Idempotency).where(
            Idempotency.client == "portal",
            Idempotency.operation == "submit_feedback",
            Idempotency.key == idempotency_key,
        )
    )
    if seen is not None:
        return {"reference": seen.location}
    now = datetime.now(UTC)
    case = _case(feedback, now)
    session.add(case)
    await session.flush()
    await session.refresh(case)
    answer = {
        "reference": case.reference,
        "type": case.type,
        "received_on": case.received_on,
        "registered_on": case.registered_on,
        "status": case.status,
    }
    session.add_all(_parts(case, feedback, now))
    session.add(
        Idempotency(
            client="portal",
            operation="submit_feedback",
            key=idempotency_key,
            fingerprint=fingerprint(feedback),
            case_id=case.id,
            status=201,
            body=str(answer).encode(),
            location=f"/v1/feedback/{case.reference}/receipt",
            created_at=now,
        )
    )
    await session.commit()
    await session.refresh(case)
    return answer


def _case(feedback: FeedbackIn, now: datetime) -> Case:
    today = london_day(now)
    given: dict[str, Any] = {
        "version": 1,
        "status": "received",
        "type_at_receipt": feedback.type,
        "type": feedback.type,
        "channel": "portal",
        "category": feedback.category or NOT_CATEGORISED,
        "service": feedback.service,
        "team": feedback.team,
        "system_of_record": "customer_feedback",
        "received_on": today,
        "registered_on": today,
        "recorded_at": now,
        "clock_from": today,
        "client": "portal",
    }
    return Case(**given)


def _parts(case: Case, feedback: FeedbackIn, now: datetime) -> list[Any]:
    today = case.received_on
    stands: dict[str, Any] = {
        "since": today,
        "status": case.status,
        "type": case.type,
        "category": case.category,
        "service": case.service,
        "team": case.team,
    }
    happened: dict[str, Any] = {
        "act": "receive",
        "happened_on": today,
        "recorded_at": now,
        "client": "portal",
        "changes": {"type": case.type, "service": case.service, "received_on": str(today)},
    }
    return [
        Standing(case_id=case.id, seq=1, **stands),
        Entry(case_id=case.id, version=1, **happened),
        CaseSystem(system="customer_feedback", reference=case.reference, case_id=case.id),
        *(
            Person(
                case_id=case.id,
                seq=seq,
                **person.model_dump(),
                email_key=email_key(person.email),
                phone_key=phone_key(person.phone),
            )
            for seq, person in enumerate(feedback.people, start=1)
        ),
        Narrative(
            case_id=case.id, text=feedback.narrative, desired_outcome=feedback.desired_outcome
        ),
    ]


if __name__ == "__main__":
    listening = announced()
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_config=None)
    uvicorn.Server(config).run(sockets=[listening])
