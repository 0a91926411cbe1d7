"""Acts that any case may undergo, whatever it is and wherever it stands."""

from app.cases.occasion import Occasion
from app.cases.record import Record
from app.cases.schemas import NoteIn, VoidIn
from app.cases.vocabulary import SetAside
from app.cases.workflow import Act


def note(record: Record, asked: NoteIn, occasion: Occasion) -> None:
    """Add words to a case's history; nothing else changes."""
    record.change(Act.note, on=occasion.on, by=occasion.by, text=asked.text)


def void(record: Record, asked: VoidIn, occasion: Occasion) -> None:
    """Set aside a case entered by mistake: it keeps its rows and leaves every count."""
    record.change(
        Act.void,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        set_aside=SetAside.void,
        set_aside_on=occasion.on,
        closed_on=record.case.closed_on or occasion.on,
    )
