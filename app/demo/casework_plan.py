"""The numbers of casework in the demonstration, as declared tables: how complaints end.

As in `plan`: printed and derived numbers stand as they are, the others are chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.demo.plan import ASC, CF, EDUCATION, REST

# ---------------------------------------------------------------------------- how stage 1 ends


@dataclass(frozen=True, slots=True)
class Cohort:
    """How the complaints of a service that were registered in 2023/24 fared by its last day."""

    endings: Mapping[str, int]  # of stage 1 closed in the year, those carried in included
    withdrawn: int
    question_answered: int
    open: int
    carried_in: int  # registered in 2022/23, answered in 2023/24
    within: int  # of those closed and not migrated, in 10 working days of receipt


COHORTS_2023 = {
    CF: Cohort(
        endings={
            "upheld": 14,
            "partially_upheld": 52,
            "not_upheld": 53,
            "resolved_early": 12,
            "closed_without_record": 8,
            "concurrent_proceedings": 3,
        },
        withdrawn=13,
        question_answered=15,
        open=20,
        carried_in=7,
        within=54,
    ),
    EDUCATION: Cohort(
        endings={
            "upheld": 26,
            "partially_upheld": 8,
            "not_upheld": 18,
            "resolved_early": 19,
            "closed_without_record": 14,
            "concurrent_proceedings": 1,
            "outside_complaints_process": 4,
        },
        withdrawn=4,
        question_answered=7,
        open=12,
        carried_in=8,
        within=46,
    ),
}
OPEN_AND_MIGRATED = 1  # of `open`, in either service
ENDING_WEIGHTS = {  # other years and services
    CF: {
        "upheld": 12,
        "partially_upheld": 29,
        "not_upheld": 39,
        "resolved_early": 5,
        "closed_without_record": 3,
        "outside_complaints_process": 1,
        "withdrawn": 5,
        "question_answered": 5,
        "refused": 1,
    },
    EDUCATION: {
        "upheld": 35,
        "partially_upheld": 14,
        "not_upheld": 21,
        "resolved_early": 9,
        "closed_without_record": 6,
        "outside_complaints_process": 4,
        "withdrawn": 4,
        "question_answered": 6,
        "refused": 1,
    },
    REST: {
        "upheld": 27,
        "partially_upheld": 16,
        "not_upheld": 27,
        "resolved_early": 9,
        "closed_without_record": 5,
        "outside_complaints_process": 3,
        "concurrent_proceedings": 1,
        "withdrawn": 5,
        "question_answered": 5,
        "refused": 2,
    },
}
WITHIN_PERCENT = {CF: 70, EDUCATION: 68, ASC: 45, REST: 80}

# ------------------------------------------------------------------------------- later stages


@dataclass(frozen=True, slots=True)
class Escalations:
    """How many stages 2 and 3 start in a year, and how many requests open none."""

    statutory: int
    children_corporate: int
    education: int
    rest: int
    stage_3: int
    refused: int = 5
    resolved: int = 6


ESCALATIONS = {
    2018: Escalations(statutory=12, children_corporate=2, education=4, rest=22, stage_3=3),
    2019: Escalations(statutory=14, children_corporate=2, education=5, rest=27, stage_3=4),
    2020: Escalations(statutory=20, children_corporate=3, education=5, rest=36, stage_3=5),
    2021: Escalations(statutory=30, children_corporate=6, education=9, rest=52, stage_3=6),
    2022: Escalations(statutory=18, children_corporate=3, education=8, rest=16, stage_3=10),
    2023: Escalations(statutory=18, children_corporate=2, education=6, rest=22, stage_3=8),
}
LATER_FINDINGS = {"upheld": 20, "partially_upheld": 45, "not_upheld": 35}

# ----------------------------------------------------------------------------------- remedies
REMEDIES_2023 = {  # of stages closed in the year, whatever their number
    CF: {
        "explanation": 58,
        "apology": 41,
        "service-provided": 19,
        "decision-reconsidered": 6,
        "policy-process-change": 5,
        "training-guidance": 6,
        "information-advice": 8,
        "financial-quantifiable": 2,
        "financial-symbolic": 5,
        "staff-action": 2,
        "other": 1,
    },
    EDUCATION: {
        "explanation": 30,
        "apology": 22,
        "service-provided": 12,
        "decision-reconsidered": 4,
        "policy-process-change": 2,
        "training-guidance": 2,
        "information-advice": 3,
        "financial-quantifiable": 2,
        "financial-symbolic": 4,
        "other": 1,
    },
}
REMEDIES_PER_100 = {  # stages of other years and services where something was found
    "explanation": 70,
    "apology": 50,
    "service-provided": 24,
    "decision-reconsidered": 8,
    "policy-process-change": 6,
    "training-guidance": 7,
    "information-advice": 9,
    "financial-quantifiable": 4,
    "financial-symbolic": 6,
    "staff-action": 2,
    "other": 2,
}
FINANCIAL = frozenset({"financial-quantifiable", "financial-symbolic"})
