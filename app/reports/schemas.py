"""What officers send to write in a report and to publish it, and what they are answered."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from app.cases.reference import PATTERN as REFERENCE
from app.kit.shown import shown
from app.kit.text import Code, Line, Prose
from app.reports.document import Report
from app.reports.vocabulary import Place
from app.stats.answer import Disclosure
from app.stats.lines import Count, KeysOut
from app.stats.schemas import AnswerOut

_EXAMPLE_SERVICES: list[JsonValue] = ["children-and-families", "education"]
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_PUBLICATION: JsonDict = {
    "year": "2023-24",
    "services": _EXAMPLE_SERVICES,
    "version": 1,
    "disclosure": "public",
    "as_of": "2026-10-01T09:00:00Z",
    "sha256": _SHA256,
    "proposed_by": "jo.bloggs",
    "proposed_at": "2026-10-01T09:00:00Z",
    "confirmed_by": "sam.sample",
    "confirmed_at": "2026-10-02T09:00:00Z",
    "withdrawn_by": None,
    "withdrawn_at": None,
    "withdrawn_because": None,
    "address": "/published/annual/2023-24/children-and-families+education/1",
}

_TEXT: JsonDict = {
    "services": _EXAMPLE_SERVICES,
    "place": "figure",
    "name": "complaints-by-month",
    "text": "The January peak is the move to the new system.",
    "author": "Jo Bloggs, Customer Relations",
    "officer": "jo.bloggs",
    "written_at": "2026-10-01T09:00:00Z",
}

Services = Annotated[
    list[Code], Field(max_length=50, description="The services it is about; none: the council.")
]
Year = Annotated[str, Field(max_length=7, examples=["2023-24"])]
Version = Annotated[int, Field(ge=1, le=1_000_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64)]
Officer = Annotated[str, Field(max_length=64)]
Address = Annotated[str, Field(max_length=4_000)]
Said = Annotated[str, Field(max_length=500)]


class TextIn(BaseModel):
    """What an officer writes under a section or a figure; nothing takes it out again."""

    model_config = ConfigDict(extra="forbid") | shown({
        "services": _EXAMPLE_SERVICES, "place": "figure", "name": "complaints-by-month",
        "text": "The January peak is the move to the new system.",
        "author": "Jo Bloggs, Customer Relations",
    })  # fmt: skip

    services: Services = []
    place: Place
    name: Code = Field(description="The key of the section, or the slug of the figure.")
    text: Prose | None = Field(
        default=None, description="Paragraphs are set apart by an empty line."
    )
    author: Line = Field(description="As the report names whoever wrote it.")


class TextOut(BaseModel):
    """What was written, by whom and when."""

    model_config = shown(_TEXT)

    services: Services
    place: Place
    name: Code
    text: str | None = Field(max_length=20_000)
    author: str = Field(max_length=200)
    officer: Officer
    written_at: datetime


class TextsOut(BaseModel):
    """Every text of a year, the newest first; of one place the newest stands in the report."""

    model_config = shown({"texts": [_TEXT]})

    texts: list[TextOut] = Field(max_length=1_000)


class ProposalIn(BaseModel):
    """The report to publish, and how much of small numbers it shows."""

    model_config = ConfigDict(extra="forbid") | shown(
        {"services": _EXAMPLE_SERVICES, "disclosure": "public"}
    )

    services: Services = []
    disclosure: Disclosure = Field(
        description="`public` withholds small numbers, and what would give them away."
    )


class ConfirmationIn(BaseModel):
    """What the second officer has read and lets out, named by its mark: this, and no other."""

    model_config = ConfigDict(extra="forbid") | shown({"sha256": _SHA256})

    sha256: Sha256


class WithdrawalIn(BaseModel):
    """Why a proposal is not to be published."""

    model_config = ConfigDict(extra="forbid") | shown({"reason": "A table has to be put right."})

    reason: Line


class PublicationOut(BaseModel):
    """A report that is proposed for publication, published, or withdrawn before it was."""

    model_config = shown(_PUBLICATION)

    year: Year
    services: Services
    version: Version
    disclosure: Disclosure
    as_of: datetime = Field(description="The moment that its figures are true for.")
    sha256: Sha256
    proposed_by: Officer
    proposed_at: datetime
    confirmed_by: Officer | None
    confirmed_at: datetime | None = Field(description="When it was published; none: it is not.")
    withdrawn_by: Officer | None
    withdrawn_at: datetime | None = Field(description="When it was withdrawn; none: it is not.")
    withdrawn_because: str | None = Field(max_length=200)
    address: Address | None = Field(description="Where it is open to all; none: not published.")


class PublicationsOut(BaseModel):
    """What was proposed and published of a year, the newest first."""

    model_config = shown({"publications": [_PUBLICATION]})

    publications: list[PublicationOut] = Field(max_length=1_000)


class AskedOut(BaseModel):
    """A figure of a report, and the services that it was asked about; none: all of the council."""

    services: Services
    answer: AnswerOut


class GlanceOut(BaseModel):
    """A few numbers of a report, for a small chart."""

    figure: Code
    title: str = Field(max_length=200)
    about: Said
    points: list[tuple[Said, Count | None]] = Field(max_length=1_000)


class DocumentOut(BaseModel):
    """A report as it is frozen: how it reads, and every figure that it was written from."""

    model_config = shown({
        "year": "2023-24",
        "services": _EXAMPLE_SERVICES,
        "version": 1,
        "disclosure": "public",
        "as_of": "2026-10-01T09:00:00Z",
        "glance": [],
        "report": {
            "council": "Example County Council",
            "title": "Customer feedback annual report 2023/24",
            "subject": "Children & Families and Education",
            "year": "2023-24",
            "since": "2023-04-01",
            "until": "2024-04-01",
            "services": _EXAMPLE_SERVICES,
            "as_of": "2026-10-01T09:00:00Z",
            "sections": [],
        },
        "figures": [],
        "earlier_years": [],
    })  # fmt: skip

    year: Year
    services: Services
    version: Version
    disclosure: Disclosure
    as_of: datetime
    glance: list[GlanceOut] = Field(max_length=100)
    report: Report
    figures: list[AskedOut] = Field(max_length=200)
    earlier_years: list[AnswerOut] = Field(max_length=200)


class CheckOut(BaseModel):
    """One thing that was checked of a publication."""

    what: Said
    holds: bool
    detail: Said


class VerificationOut(BaseModel):
    """Whether a publication is what it was, and whether its own data still give its numbers."""

    model_config = shown({"holds": True, "checks": [
        {"what": "document", "holds": True, "detail": f"Its SHA-256 is {_SHA256}."},
    ]})  # fmt: skip

    holds: bool
    checks: list[CheckOut] = Field(max_length=100)


class ActOut(BaseModel):
    """What was done to a case after a report was counted."""

    act: Code
    happened_on: date
    recorded_at: datetime


class MovedCaseOut(BaseModel):
    """A case that a row counts now and did not then, or the other way round."""

    reference: str = Field(pattern=REFERENCE, max_length=20)
    moved: Annotated[int, Field(ge=-1_000, le=1_000)] = Field(
        description="How often more, or less, the row counts it now."
    )
    acts: list[ActOut] = Field(max_length=10_000, description="What was done to it since.")


class MovedRowOut(KeysOut):
    """A row that counts something else now than when it was published."""

    published: int | None = Field(ge=0, le=10**9, description="None: withheld.")
    today: int = Field(ge=0, le=10**9)
    cases: list[MovedCaseOut] = Field(
        max_length=10_000, description="Empty for keys that may not read cases."
    )


class MovedFigureOut(BaseModel):
    """A figure that does not say today what was published."""

    figure: Code
    title: str = Field(max_length=200)
    definition_version: Annotated[int, Field(ge=1, le=10_000)]
    definition_version_today: Annotated[int, Field(ge=1, le=10_000)]
    rows: list[MovedRowOut] = Field(max_length=50_000)


class ComparisonOut(BaseModel):
    """What moved between what was published and the same figures today, and by which cases."""

    model_config = shown({
        "published": "2026-10-01T09:00:00Z", "today": "2026-11-02T09:00:00Z",
        "since": "2026-10-20T14:03:00Z", "unchanged": 21,
        "moved": [{
            "figure": "outcomes", "title": "Outcomes of stage 1", "definition_version": 1,
            "definition_version_today": 1,
            "rows": [{
                "service": "education", "service_name": "Education", "outcome": "upheld",
                "published": 26, "today": 27,
                "cases": [{"reference": "CF-100001-19", "moved": 1, "acts": [
                    {"act": "correct", "happened_on": "2026-10-20",
                     "recorded_at": "2026-10-20T14:03:00Z"},
                ]}],
            }],
        }],
    })  # fmt: skip

    published: datetime
    today: datetime
    since: datetime | None = Field(
        description="When anything was first done to a case that moved a number, whether or not"
        " that act moved it; none: nothing was done to any."
    )
    unchanged: Annotated[int, Field(ge=0, le=1_000)] = Field(
        description="How many figures say what they said."
    )
    moved: list[MovedFigureOut] = Field(max_length=200)
    cases_withheld: bool = Field(
        default=False, description="Whether it takes a key that may read cases to see which."
    )
