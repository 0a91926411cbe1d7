"""What a list of cases can be narrowed by: every dimension of the statistics, and a few more."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col

from app.cases.models import Case, CaseSystem, Remedy, Stage
from app.cases.vocabulary import Channel, Closure, FeedbackType, Finding, SetAside, Status
from app.kit.page import DEFAULT_LIMIT, MOST_ITEMS, CursorText
from app.kit.text import Code, Day, Line
from app.procedures.vocabulary import Verdict

NO_TEAM, NO_SERVICE, NOT_RECORDED = "no-team", "no-service", "not-recorded"

Codes = Annotated[list[Code], Field(max_length=50)]


class Outcome(StrEnum):
    """How a stage ended, as the outcome figures count it."""

    upheld = "upheld"
    partially_upheld = "partially_upheld"
    not_upheld = "not_upheld"
    closed_without_a_finding = "closed_without_a_finding"


class CaseFilter(BaseModel):
    """Conditions that all hold; one that is repeated holds for any of its values.

    Conditions on a stage (`stage`, `outcome`, `verdict`, `remedy`, `stage_closed_…`) must hold
    for one and the same stage. `…_until` is half-open.
    """

    model_config = ConfigDict(extra="forbid")

    feedback_type: FeedbackType | None = None
    status: list[Status] = Field(default=[], max_length=len(Status))
    channel: Channel | Literal["not-recorded"] | None = None
    procedure: Code | None = None
    category: Codes = []
    service: Codes = []
    team: Codes = []
    source_system: Code | None = None
    safeguarding: bool | None = None
    set_aside: SetAside | Literal["no"] | None = None
    registered_since: Day | None = None
    registered_until: Day | None = None
    received_since: Day | None = None
    received_until: Day | None = None
    stage: int | None = Field(default=None, ge=1, le=3)
    stage_started_since: Day | None = None
    stage_started_until: Day | None = None
    stage_closed_since: Day | None = None
    stage_closed_until: Day | None = None
    stage_open_due_before: Day | None = Field(
        default=None, description="Open stages that were due before this day: the overdue ones."
    )
    outcome: Outcome | None = None
    verdict: Verdict | None = None
    remedy: Code | None = None
    system: Code | None = Field(default=None, description="With `system_reference`.")
    system_reference: Line | None = Field(default=None, max_length=64)

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The filter in SQL."""
        return [*self._of_case(), *self._of_stage(), *self._of_system()]

    def _of_case(self) -> list[sa.ColumnElement[bool]]:
        equal = {
            Case.type: self.feedback_type,
            Case.procedure: self.procedure,
            Case.system_of_record: self.source_system,
            Case.safeguarding: self.safeguarding,
        }
        found = [col(column) == value for column, value in equal.items() if value is not None]
        if self.channel is not None:
            found.append(_is(Case.channel, self.channel, NOT_RECORDED))
        if self.set_aside is not None:
            found.append(_is(Case.set_aside, self.set_aside, "no"))
        if self.status:
            found.append(col(Case.status).in_(self.status))
        if self.category:
            found.append(col(Case.category).in_(self.category))
        if self.service:
            found.append(_any(Case.service, self.service, NO_SERVICE))
        if self.team:
            found.append(_any(Case.team, self.team, NO_TEAM))
        found += _between(Case.registered_on, self.registered_since, self.registered_until)
        return found + _between(Case.received_on, self.received_since, self.received_until)

    def _of_stage(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if self.stage is not None:
            found.append(col(Stage.number) == self.stage)
        if self.outcome is Outcome.closed_without_a_finding:
            found.append(col(Stage.closure) == Closure.no_finding)
        elif self.outcome is not None:
            found.append(col(Stage.finding) == Finding(self.outcome))
        if self.verdict is not None:
            found.append(col(Stage.verdict) == self.verdict)
        found += _between(Stage.started_on, self.stage_started_since, self.stage_started_until)
        found += _between(Stage.closed_on, self.stage_closed_since, self.stage_closed_until)
        if self.stage_open_due_before is not None:
            found += [
                col(Stage.closed_on).is_(None),
                col(Stage.due_on) < self.stage_open_due_before,
            ]
        if self.remedy is not None:
            found.append(
                sa.exists().where(
                    col(Remedy.case_id) == col(Stage.case_id),
                    col(Remedy.stage) == col(Stage.number),
                    col(Remedy.kind) == self.remedy,
                )
            )
        if not found:
            return []
        return [sa.exists().where(col(Stage.case_id) == col(Case.id), *found)]

    def _of_system(self) -> list[sa.ColumnElement[bool]]:
        given = {CaseSystem.system: self.system, CaseSystem.reference: self.system_reference}
        found = [col(column) == value for column, value in given.items() if value is not None]
        if not found:
            return []
        return [sa.exists().where(col(CaseSystem.case_id) == col(Case.id), *found)]


class CaseQuery(CaseFilter):
    """A filter, and which page of what it finds."""

    limit: int = Field(
        default=DEFAULT_LIMIT, ge=1, le=MOST_ITEMS, description="How many items a page holds."
    )
    cursor: CursorText | None = Field(
        default=None, description="The `next_cursor` of the page before this one."
    )


def _is(column: Any, value: str, residual: str) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column
    return col(column).is_(None) if value == residual else col(column) == value


def _any(column: Any, values: list[str], residual: str) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column
    named = col(column).in_([value for value in values if value != residual])
    return sa.or_(named, col(column).is_(None)) if residual in values else named


def _between(column: Any, since: date | None, until: date | None) -> list[sa.ColumnElement[bool]]:  # noqa: ANN401 - a column
    found = []
    if since is not None:
        found.append(col(column) >= since)
    if until is not None:
        found.append(col(column) < until)
    return found
