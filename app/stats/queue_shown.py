"""The shape of the data-quality queue, and of each of its lines."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from app.cases.reference import PATTERN, reference_of
from app.cases.vocabulary import FeedbackType, Status
from app.kit.page import MOST_ITEMS
from app.kit.shown import shown
from app.stats.faults import EVERY_FAULT, Fault, FaultCode, Mend
from app.stats.lines import Count
from app.stats.queue import Queue

_FIRST_STAGE = 1
_MOST_STEPS = 2
_LINE: JsonDict = {
    "reference": "CF-100001-19",
    "feedback_type": "complaint",
    "status": "answered",
    "service": "education",
    "team": None,
    "registered_on": "2026-09-14",
    "due_on": None,
    "faults": [
        {
            "fault": "no_team",
            "means": "no team answers for it",
            "stage": None,
            "acts": [
                {
                    "operation": "allocate",
                    "method": "POST",
                    "path": "/v1/feedback/CF-100001-19/allocations",
                    "preview": "/v1/feedback/CF-100001-19/allocations/preview",
                    "says": "Allocate it to the team that answers for it.",
                }
            ],
        }
    ],
    "links": {"case": "/v1/feedback/CF-100001-19"},
}


class MendOut(BaseModel):
    """An act to do on the case: its name in this description, where it goes, what to send."""

    operation: str = Field(max_length=64, examples=["allocate"])
    method: str = Field(pattern=r"^POST$", max_length=4)
    path: str = Field(max_length=200, examples=["/v1/feedback/CF-100001-19/allocations"])
    preview: str = Field(
        max_length=200, description="Takes the same, and says what it would move in reports."
    )
    says: str = Field(max_length=200)

    @classmethod
    def of(cls, mend: Mend, *, case: str, stage: int | None) -> Self:
        """The act on this case, and on this stage of it where it is one of a stage."""
        path = f"{case}{mend.path}".format(stage=stage or _FIRST_STAGE)
        return cls(
            operation=mend.operation,
            method="POST",
            path=path,
            preview=f"{path}/preview",
            says=mend.says,
        )


class FaultOut(BaseModel):
    """One thing that is wrong with a record, and the acts that mend it, in their order."""

    fault: FaultCode
    means: str = Field(max_length=200)
    stage: int | None = Field(ge=1, le=3, description="None where it is not of a stage.")
    acts: list[MendOut] = Field(min_length=1, max_length=_MOST_STEPS)

    @classmethod
    def of(cls, fault: Fault, line: Mapping[Any, Any], *, case: str) -> Self:
        """The fault of a line."""
        stage = line["faults"][fault.code]
        steps = fault.steps(Status(line["status"]), FeedbackType(line["feedback_type"]))
        return cls(
            fault=fault.code,
            means=fault.words,
            stage=stage,
            acts=[MendOut.of(step, case=case, stage=stage) for step in steps],
        )


class FaultyLinks(BaseModel):
    """Where to read the case, before it is mended: acts take the version that was read."""

    case: str = Field(max_length=200)


class FaultyOut(BaseModel):
    """One case in the queue, with everything that is wrong with it."""

    reference: str = Field(pattern=PATTERN, max_length=32)
    feedback_type: FeedbackType
    status: Status
    service: str | None = Field(max_length=64)
    team: str | None = Field(max_length=64)
    registered_on: date
    due_on: date | None = Field(description="The day that its stage was due, if it is overdue.")
    faults: list[FaultOut] = Field(min_length=1, max_length=len(FaultCode))
    links: FaultyLinks

    @classmethod
    def of(cls, line: Mapping[Any, Any]) -> Self:
        """A line of the queue as JSON will have it."""
        reference = reference_of(line["case_id"])
        case = f"/v1/feedback/{reference}"
        due_on: date = line["due_on"]
        return cls(
            reference=reference,
            feedback_type=line["feedback_type"],
            status=line["status"],
            service=line["service"],
            team=line["team"],
            registered_on=line["registered_on"],
            due_on=None if due_on == date.max else due_on,
            faults=[
                FaultOut.of(fault, line, case=case)
                for fault in EVERY_FAULT
                if fault.code in line["faults"]
            ],
            links=FaultyLinks(case=case),
        )


class FaultCountOut(BaseModel):
    """How many cases have a fault."""

    fault: FaultCode
    count: Count


class QueueOut(BaseModel):
    """A page of the queue; `next_cursor` fetches the next, and is none on the last."""

    model_config = shown(
        {
            "count": 1,
            "by_fault": [{"fault": "no_team", "count": 1}],
            "items": [_LINE],
            "next_cursor": None,
        }
    )

    count: Count = Field(description="How many cases are listed, on all pages.")
    by_fault: list[FaultCountOut] = Field(
        max_length=len(FaultCode),
        description="Of each fault, as the figure `data-quality` counts it; `fault` narrows the"
        " list, and not this.",
    )
    items: list[FaultyOut] = Field(max_length=MOST_ITEMS)
    next_cursor: str | None = Field(max_length=2_000)

    @classmethod
    def of(cls, found: Queue, *, next_cursor: str | None) -> Self:
        """A page as JSON will have it; of every fault the number, also where it is none."""
        return cls(
            count=found.count,
            by_fault=[
                FaultCountOut(fault=fault, count=found.by_fault.get(fault, 0))
                for fault in FaultCode
            ],
            items=[FaultyOut.of(line) for line in found.lines],
            next_cursor=next_cursor,
        )
