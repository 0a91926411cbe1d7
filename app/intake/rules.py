"""What a key may hand in, and what the person is told happens next."""

from datetime import date
from http import HTTPStatus

from app.access.principal import Principal, Scope
from app.cases.people import anonymous, on_behalf
from app.cases.record import Author, CaseFacts, Record, received
from app.cases.vocabulary import Channel, FeedbackType, Status
from app.intake.schemas import FeedbackIn, NextStep
from app.kit.problem import Problem
from app.procedures.reference import ReferenceData
from app.procedures.vocabulary import NOT_CATEGORISED


class NotForThisKey(Problem):
    """A portal's key submits by portal, for today, and nothing else."""

    status = HTTPStatus.FORBIDDEN
    title = "The key may only submit feedback by portal for today"


class ChannelNeeded(Problem):
    """Whoever logs feedback for others says how it came."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The channel is needed"


class ReceivedInTheFuture(Problem):
    """Feedback cannot have come on a day that has not come yet."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The day of receipt has not come yet"


def take_in(
    asked: FeedbackIn, number: int, *, by: Principal, today: date, council: ReferenceData
) -> Record:
    """The record of new feedback, registered today.

    Raises a Problem for what the key may not say, and for codes the council does not have.
    """
    channel, received_on = _how_and_when(asked, by, today)
    service = council.place(service=asked.service, team=asked.team, on=received_on)
    category = NOT_CATEGORISED
    if asked.category is not None:
        category = council.category(asked.category, received_on).slug
    for other in asked.systems:
        council.system(other.system)
    case = CaseFacts(
        id=number,
        version=1,
        status=Status.received,
        type_at_receipt=asked.type,
        type=asked.type,
        channel=channel,
        procedure=None,
        category=category,
        service=service,
        team=asked.team,
        system_of_record=council.current_system(today).slug,
        received_on=received_on,
        registered_on=today,
        migrated_on=None,
        clock_from=received_on,
        client=by.client,
        on_behalf=on_behalf(asked.people),
        anonymous=anonymous(asked.people),
    )
    return received(case, by=Author(by.client, by.officer))


def _how_and_when(asked: FeedbackIn, by: Principal, today: date) -> tuple[Channel, date]:
    if not by.may(Scope.feedback_log):
        by_portal = asked.channel in {None, Channel.portal}
        if not by_portal or asked.received_on not in {None, today} or asked.systems:
            raise NotForThisKey(
                "Leave out channel, received_on and systems: they are the portal, today, and none.",
                today=today.isoformat(),
            )
        return Channel.portal, today
    if asked.channel is None:
        raise ChannelNeeded("Say how it came.", allowed=list(Channel))
    received_on = asked.received_on or today
    if received_on > today:
        raise ReceivedInTheFuture(
            f"Today is {today}: give the day the person made contact.", today=today.isoformat()
        )
    return asked.channel, received_on


def next_step(
    status: Status, kind: FeedbackType, *, acknowledge_by: date | None, due_on: date | None
) -> tuple[NextStep, date | None, str]:
    """What happens next, by when, and the sentence that says so."""
    by: date | None = None
    step, said = NextStep.closed, f"Your {kind} is closed."
    match status:
        case Status.received if acknowledge_by is not None:
            step, by = NextStep.acknowledge, acknowledge_by
            said = f"We will tell you by {_spoken(acknowledge_by)} who is dealing with your {kind}."
        case Status.received:
            step = NextStep.acknowledge
            said = f"We will tell you who is dealing with your {kind}. We cannot promise yet when."
        case Status.in_stage if due_on is not None:
            step, by, said = (
                NextStep.reply,
                due_on,
                f"You will have our reply by {_spoken(due_on)}.",
            )
        case Status.in_stage:
            step, said = NextStep.reply, "We are looking into it and will reply as agreed with you."
        case Status.escalation_requested:
            step = NextStep.decide_escalation
            said = "We are considering your request to take your complaint further."
        case Status.answered:
            step = NextStep.answered
            said = "We have replied. Tell us if you are not content with our reply."
        case Status.recorded:
            step = NextStep.passed_on
            said = f"Thank you: your {kind} has been passed to the service."
        case Status.closed | Status.void:
            pass
    return step, by, said


def _spoken(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
