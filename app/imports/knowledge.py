"""What the service already knows of the cases in a file: nothing, the same, or something else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from app.cases.record import Record
from app.cases.reference import reference_of
from app.imports.checks import Fault, faults_of_names
from app.imports.reading import Name, Reading
from app.imports.rules import judge
from app.imports.schemas import ImportLine
from app.imports.vocabulary import Result
from app.kit.problem import Problem
from app.procedures.reference import ReferenceData


class KnownOtherwise(Problem):
    """The case is here, with another history than the line's."""

    status = HTTPStatus.CONFLICT
    title = "The case is known, and its history differs"


class NamesTwoCases(Problem):
    """The names in one line belong to different cases."""

    status = HTTPStatus.CONFLICT
    title = "The names belong to different cases"


@dataclass(slots=True)
class Known:
    """A case that is here already, or is about to be."""

    number: int | None  # none until it is given one; in a dry run it never is
    system_of_record: str
    type_at_receipt: str
    received_on: date
    fingerprint: bytes | None  # none where it was not imported

    @classmethod
    def from_line(cls, line: ImportLine, fingerprint: bytes) -> "Known":
        """A case that the line makes."""
        return cls(None, line.system_of_record, line.type, line.received_on, fingerprint)

    @property
    def reference(self) -> str | None:
        """What the case is called here."""
        return None if self.number is None else reference_of(self.number)


Knowledge = dict[Name, Known]


@dataclass(slots=True)
class Verdict:
    """What becomes of one line."""

    reading: Reading
    result: Result
    known: Known | None = None
    record: Record | None = None  # of a case to be taken
    faults: tuple[Fault, ...] = ()
    new_names: tuple[Name, ...] = ()  # to be linked


@dataclass(frozen=True, slots=True)
class Judgement:
    """What lines are judged by."""

    client: str
    today: date
    council: ReferenceData

    def of(self, reading: Reading, knowledge: Knowledge) -> Verdict:
        """What becomes of a line; what it makes known is added to the knowledge."""
        line = reading.line
        if line is None:
            return Verdict(reading, Result.refused, faults=tuple(reading.faults))
        found = {id(one): one for name in reading.names if (one := knowledge.get(name))}
        if not found:
            return self._new(reading, line, knowledge)
        if len(found) > 1:
            detail = "Each of these cases stays as it is; correct the names in the file."
            references = sorted(filter(None, (one.reference for one in found.values())))
            problem = NamesTwoCases(detail, cases=references)
            return _differs(reading, None, problem)
        return self._again(reading, line, next(iter(found.values())), knowledge)

    def _new(self, reading: Reading, line: ImportLine, knowledge: Knowledge) -> Verdict:
        judged = judge(line, client=self.client, today=self.today, council=self.council)
        if not isinstance(judged, Record):
            return Verdict(reading, Result.refused, faults=tuple(reading.placed(judged)))
        known = Known.from_line(line, reading.fingerprint)
        knowledge.update(dict.fromkeys(reading.names, known))
        return Verdict(reading, Result.taken, known, judged)

    def _again(
        self, reading: Reading, line: ImportLine, known: Known, knowledge: Knowledge
    ) -> Verdict:
        faults = faults_of_names(line, self.council)
        if faults:
            return Verdict(reading, Result.refused, faults=tuple(reading.placed(faults)))
        if known.fingerprint != reading.fingerprint and not self._older_export(line, known):
            detail = "It was not taken: what has changed since is done to the case as acts."
            return _differs(reading, known, KnownOtherwise(detail, case=known.reference))
        new = tuple(name for name in reading.names if name not in knowledge)
        knowledge.update(dict.fromkeys(new, known))
        result = Result.linked if new else Result.unchanged
        return Verdict(reading, result, known, new_names=new)

    def _older_export(self, line: ImportLine, known: Known) -> bool:
        """Whether it is what an older system kept of a case that has a newer system of record.

        It must be of the same feedback: of the same type, received on the same day.
        """
        systems: Mapping[str, object] = self.council.organisation.systems
        if known.system_of_record not in systems or line.system_of_record not in systems:
            return False
        since = self.council.system(known.system_of_record).collects.since
        return (
            self.council.system(line.system_of_record).collects.since < since
            and line.migrated_on is None
            and (line.type, line.received_on) == (known.type_at_receipt, known.received_on)
        )


def _differs(reading: Reading, known: Known | None, problem: Problem) -> Verdict:
    return Verdict(reading, Result.differs, known, faults=(Fault.of("", problem),))
