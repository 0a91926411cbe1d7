"""What the source report printed, and what follows from it: the numbers every test compares with.

Warwickshire County Council, Children & Young People Overview and Scrutiny Committee, "Customer
Feedback Annual Report 1 April 2023 to 31 March 2024" (17 September 2024). Numbers in brackets
after a rule are the report's paragraphs. "Derived" numbers are not printed but are the only ones
that fit what is. Codes are those of the demonstration council and of the API's row keys.
"""

from collections.abc import Mapping
from typing import Final

CF: Final = "children-and-families"
EDUCATION: Final = "education"
BOTH: Final = (CF, EDUCATION)
YEAR: Final = "2023-24"  # 1 April 2023 to 31 March 2024
YEARS: Final = ("2018-19", "2019-20", "2020-21", "2021-22", "2022-23", "2023-24")
EARLIER_YEARS: Final = YEARS[:-1]
CONTACT_US: Final = "contact_us"  # collected until 14 January 2024
CUSTOMER_FEEDBACK: Final = "customer_feedback"  # collects from 15 January 2024, with the channel
SWITCH: Final = "2024-01-15"


def percent(count: int, denominator: int) -> int:
    """The exact fraction rounded half up: how every percentage of the report was made."""
    return (200 * count + denominator) // (2 * denominator)


# Figure 1: complaints, compliments and comments across all services, by year of registration.
FEEDBACK_OF_ALL_TYPES: Final = {"2021-22": 3020, "2023-24": 2192}
FEEDBACK: Final[Mapping[str, Mapping[str, int]]] = {
    "complaint": {"2022-23": 1809, "2023-24": 1520},
    "compliment": {"2021-22": 682, "2023-24": 454},
    "comment": {"2023-24": 218},  # derived: 2192 - 1520 - 454
}
FEEDBACK_FALLS: Final = (  # type or none for all, from, to, per cent
    (None, "2021-22", "2023-24", 27),
    ("complaint", "2022-23", "2023-24", 16),
    ("compliment", "2021-22", "2023-24", 33),
    ("compliment", "2018-19", "2023-24", 54),
)
COMPLAINTS_PEAK: Final = ("2021-22", range(1810, 2339))  # the highest year, and what it may be
COMPLIMENTS_2018_19: Final = range(977, 998)  # what a fall of 54% to 454 allows
LOWEST_OF_ALL_TYPES: Final = "2023-24"
PRE_PANDEMIC: Final = ("2018-19", "2019-20")  # totals close to 2023-24's
CLOSE: Final = 10  # per cent: how we read "close to"

# Figure 2: the same for the two services.
FEEDBACK_OF_SERVICE: Final[Mapping[str, Mapping[str, Mapping[str, int]]]] = {
    CF: {
        "complaint": {"2021-22": 246, "2022-23": 212, "2023-24": 183},  # 212 is derived
        "compliment": {"2021-22": 40, "2022-23": 18, "2023-24": 25},
    },
    EDUCATION: {
        "complaint": {"2021-22": 103, "2022-23": 133, "2023-24": 105},
        "compliment": {"2021-22": 3, "2022-23": 2, "2023-24": 1},
    },
}
CHILDREN_WORKED_WITH: Final = 12_969  # 183 of them is 1.41%
ADMISSIONS_JOINED_EDUCATION: Final = "2022-23"  # the first year with its complaints (3.9)

# Figure 3: how people made contact, all types, 15 January to 31 March 2024. Education has the
# larger share by portal; the whole is all feedback of the service in the window.
CONTACT_WINDOW: Final = ("2024-01-15", "2024-03-31")
BY_POST: Final = 0

# Figure 4: complaints by month.
EDUCATION_IN_SEPTEMBER: Final = {"2022-09": 28, "2023-09": 12}
EDUCATION_SEPTEMBERS_ABOVE: Final = (12, ("2020-09", "2021-09", "2022-09"))  # (3.19)
BEFORE_SWITCH: Final = {CF: 126, EDUCATION: 77}
SINCE_SWITCH: Final = {CF: 57, EDUCATION: 28}
HIGHEST_MONTH: Final = "2024-01"  # of 2023-24, for both
MIGRATED_IN_JANUARY: Final = {CF: 15}  # Education had some: 6 of them were closed by the year end
LOW_MONTHS: Final = {CF: ("06", "08", "12", "03"), EDUCATION: ("08", "12")}  # in every year

# Figure 5: stages 2 and 3 across the council, by the day they started.
LATER_STAGES: Final = {
    2: {"2021-22": 97, "2022-23": 45, "2023-24": 48},
    3: {"2021-22": 6, "2022-23": 10, "2023-24": 8},
}
PROCEDURE_WITH_STAGE_3: Final = "childrens-statutory"

# Figure 6: subject categories in 2023-24, in the paper's order: count and printed per cent.
# The paper's "WCC Service Standards" is the demonstration's "service-standards".
CATEGORIES: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    CF: {
        "protection-of-user": (44, 24),
        "service-standards": (43, 23),
        "staff-conduct": (41, 22),
        "communication": (41, 22),
        "financial-issues": (9, 5),
        "policy": (2, 1),
        "discrimination": (1, 1),
        "not-categorised": (1, 1),
        "commissioned-service-provision": (1, 1),
        "outside-complaints-process": (0, 0),
        "physical-environment-issues": (0, 0),
    },
    EDUCATION: {
        "protection-of-user": (14, 13),
        "service-standards": (39, 37),
        "staff-conduct": (1, 1),
        "communication": (40, 38),
        "financial-issues": (2, 2),
        "policy": (2, 2),
        "discrimination": (0, 0),
        "not-categorised": (1, 1),
        "commissioned-service-provision": (2, 2),
        "outside-complaints-process": (4, 4),
        "physical-environment-issues": (0, 0),
    },
}
HIGHEST_CATEGORIES_BEFORE: Final = {  # the first two of every earlier year (3.28, 3.30)
    CF: {"communication", "protection-of-user"},
    EDUCATION: {"communication", "service-standards"},
}

# Figures 7 and 8: teams in 2023-24 by system of record: count and printed per cent. What the
# paper does not list is derived from the denominators that the percentages allow.
TEAMS: Final[Mapping[tuple[str, str], Mapping[str, tuple[int, int]]]] = {
    (CF, CONTACT_US): {
        "childrens-initial-response": (31, 25),
        "childrens-with-disabilities": (19, 15),
        "nuneaton-childrens-team": (14, 11),
        "bedworth-and-north-warwickshire-childrens-team": (12, 10),
        "childrens-mash": (8, 6),
        "stratford-childrens-team": (8, 6),
        "warwick-childrens-team": (8, 6),
        "children-in-care-14-18": (7, 6),
        "childrens-strengthening-families": (5, 4),
        "childrens-early-help-and-targeted-support": (4, 3),
        "rugby-childrens-team": (4, 3),
        "childrens-fostering": (3, 2),
        "childrens-uasc-and-leaving-care-18-25": (2, 2),
        "children-in-care-support-team": (1, 1),
    },
    (CF, CUSTOMER_FEEDBACK): {
        "children-with-disabilities-team": (9, 16),
        "warwick-childrens-team": (7, 12),
        "initial-response-south": (5, 9),
        "bedworth-north-warwickshire-childrens-team": (5, 9),
        "rugby-childrens-safeguarding-and-support-team": (5, 9),
        "strengthening-families": (4, 7),
        "stratford-childrens-team": (4, 7),
        "asylum-and-leaving-care": (3, 5),
        "initial-response-east": (3, 5),
        "initial-response-north": (3, 5),
        "children-and-families-front-door": (2, 4),
        "early-and-targeted-family-support": (2, 4),
        "nuneaton-childrens-team": (2, 4),
        "edt": (1, 2),
        "refugee-resettlement": (1, 2),
    },
    (EDUCATION, CONTACT_US): {"sendar": (47, 61), "school-admissions": (23, 30)},
    (EDUCATION, CUSTOMER_FEEDBACK): {
        "send-and-inclusion": (27, 96),
        "children-missing-education-and-elective-home-education": (1, 4),
    },
}
TEAM_DENOMINATORS: Final = {
    (CF, CONTACT_US): 126,
    (CF, CUSTOMER_FEEDBACK): 57,  # derived
    (EDUCATION, CONTACT_US): 77,  # derived
    (EDUCATION, CUSTOMER_FEEDBACK): 28,
}
NO_TEAM: Final = "no-team"  # the row of complaints that the paper lists under no team
WITHOUT_A_TEAM: Final = {(CF, CUSTOMER_FEEDBACK): 1, (EDUCATION, CONTACT_US): 7}  # derived
MOST_COMPLAINED_OF: Final = {  # the first team in these years (3.33, 3.34, 3.35)
    CF: dict.fromkeys(("2020-21", "2021-22", "2022-23"), "childrens-initial-response"),
    EDUCATION: {
        "2018-19": "sendar",
        "2019-20": "sendar",
        "2020-21": "sendar",
        "2021-22": "sendar",
        "2022-23": "school-admissions",
    },
}
ADMISSIONS: Final = {"2022-23": (68, 133), "2023-24": (23, 105)}  # of Education's complaints

# Figure 9: remedies of stages closed in the year: the first three, in this order, for both.
FIRST_REMEDIES: Final = ("explanation", "apology", "service-provided")
FIRST_REMEDY_BEFORE: Final = "explanation"  # in every earlier year (3.39)

# Figures 10 and 11: stage 1 complaints closed in the year, withdrawn ones and questions left out.
OUTCOMES: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    CF: {"upheld": (14, 10), "partially_upheld": (52, 37), "not_upheld": (53, 37)},
    EDUCATION: {"upheld": (26, 29), "partially_upheld": (8, 9), "not_upheld": (18, 20)},
}
OUTCOME_DENOMINATORS: Final = {CF: range(142, 143), EDUCATION: range(89, 92)}  # derived
FINDINGS: Final = {CF: 119, EDUCATION: 52}  # derived
CLOSED_WITHOUT_A_FINDING: Final = {CF: 23}  # derived; Education: the denominator less 52
OUTCOMES_2022_23: Final = {  # first, and second where it is said (3.46, 3.47)
    CF: ("not_upheld", "partially_upheld"),
    EDUCATION: ("upheld",),
}

# Figure 12: the same complaints, less those excluded because they were migrated, in and out of
# the target: 10 working days from receipt, extensions ignored.
TARGET_WORKING_DAYS: Final = 10
EXCLUDED_AS_MIGRATED: Final = {CF: 14, EDUCATION: 6}
MOSTLY_WITHIN: Final = {CF: False, EDUCATION: True}  # more than half, in 2023-24 (3.50, 3.53)
MOSTLY_WITHIN_BEFORE: Final = True  # for both, in every earlier year

ACTIVITY: Final = {
    "children-worked-with": 12_969,
    "admissions-applications": 25_555,
    "ehc-needs-assessment-requests": 1_621,
    "children-with-an-ehcp": 6_588,
}
