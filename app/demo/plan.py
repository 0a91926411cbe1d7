"""The numbers of the demonstration, as declared tables: the rest of this room makes cases of them.

A financial year goes by its first calendar year: 2023 is 2023/24, 1 April to 31 March. Where the
source report printed a number, or arithmetic gives it, that number stands here; every other number
was chosen to look plausible and to keep the report's sentences true.
"""

from datetime import date

YEARS = (2018, 2019, 2020, 2021, 2022, 2023)
FIRST_DAY, LAST_DAY = date(2018, 4, 1), date(2024, 3, 31)
APRIL = 4

CONTACT_US, CUSTOMER_FEEDBACK = "contact_us", "customer_feedback"
SWITCH = date(2024, 1, 15)  # the first day of the Customer Feedback System
ADMISSIONS_JOIN_EDUCATION = date(2022, 4, 1)

CF, EDUCATION = "children-and-families", "education"
ASC, CUSTOMER = "adult-social-care", "customer-services"
REST = ""  # in a table by service: every service not named
STATUTORY, CORPORATE = "childrens-statutory", "corporate"

# ------------------------------------------------------------------ how much feedback, of what
TOTALS = {  # across the council, 2018/19 to 2023/24
    "complaint": (1040, 1140, 1322, 1950, 1809, 1520),
    "compliment": (987, 890, 790, 682, 560, 454),
    "comment": (233, 240, 260, 388, 281, 218),
}
OF_SERVICE = {  # of those: complaints are in MONTHS
    CF: {"compliment": (31, 35, 38, 40, 18, 25), "comment": (22, 20, 24, 30, 26, 21)},
    EDUCATION: {"compliment": (4, 3, 3, 3, 2, 1), "comment": (8, 9, 10, 14, 11, 10)},
}
MONTHS = {  # complaints, April to March
    CF: (
        (14, 14, 8, 15, 9, 15, 16, 15, 8, 14, 14, 8),
        (16, 17, 10, 17, 10, 18, 18, 17, 10, 16, 16, 10),
        (14, 15, 9, 16, 10, 17, 17, 16, 10, 16, 17, 10),
        (22, 24, 14, 24, 14, 25, 26, 25, 14, 22, 22, 14),
        (19, 20, 12, 21, 12, 21, 22, 22, 12, 20, 19, 12),
        (15, 17, 9, 16, 9, 15, 16, 15, 8, 33, 20, 10),
    ),
    EDUCATION: (
        (6, 6, 6, 6, 3, 11, 7, 7, 3, 6, 5, 6),
        (7, 7, 7, 8, 3, 12, 8, 8, 3, 7, 7, 7),
        (5, 5, 6, 7, 3, 14, 8, 8, 3, 6, 6, 7),
        (8, 8, 9, 9, 4, 17, 10, 9, 4, 8, 8, 9),
        (10, 11, 11, 12, 5, 28, 12, 11, 5, 9, 9, 10),
        (8, 9, 9, 9, 4, 12, 9, 9, 4, 16, 8, 8),
    ),
}
JANUARY_BEFORE_SWITCH = {CF: 6, EDUCATION: 4}  # of the January of 2023/24
MIGRATED = {CF: 15, EDUCATION: 7, ASC: 4, "highways": 8, "waste": 2, CUSTOMER: 2}
SINCE_SWITCH = {  # of OF_SERVICE in 2023/24
    CF: {"compliment": 6, "comment": 9},
    EDUCATION: {"compliment": 0, "comment": 4},
}
REST_OF_COUNCIL = {  # weights
    "complaint": {
        ASC: 17,
        "public-health": 2,
        "highways": 32,
        "transport-and-planning": 9,
        "waste": 10,
        "communities": 7,
        "libraries": 4,
        "fire-and-rescue": 3,
        CUSTOMER: 11,
        "finance-and-property": 5,
    },
    "compliment": {
        ASC: 24,
        "public-health": 4,
        "highways": 12,
        "transport-and-planning": 5,
        "waste": 6,
        "communities": 9,
        "libraries": 19,
        "fire-and-rescue": 9,
        CUSTOMER: 10,
        "finance-and-property": 2,
    },
    "comment": {
        ASC: 9,
        "public-health": 4,
        "highways": 32,
        "transport-and-planning": 14,
        "waste": 14,
        "communities": 7,
        "libraries": 12,
        "fire-and-rescue": 2,
        CUSTOMER: 4,
        "finance-and-property": 2,
    },
}
SET_ASIDE = {"void": 14, "not_feedback": 18}  # each year, on top of every count
SET_ASIDE_SERVICES = {CF: 3, EDUCATION: 2, ASC: 6, "highways": 12, "waste": 6, CUSTOMER: 3}

# ------------------------------------------------------------------------------------ channels
CHANNELS_SINCE_SWITCH = {  # all feedback but the migrated, which has none recorded
    CF: {"portal": 24, "email": 19, "phone": 14},
    EDUCATION: {"portal": 19, "email": 4, "phone": 2},
}
CHANNEL_WEIGHTS = {"portal": 58, "phone": 22, "email": 16, "post": 4}

# -------------------------------------------------------------------------- subject categories
CATEGORIES_2023 = {
    CF: {
        "protection-of-user": 44,
        "service-standards": 43,
        "staff-conduct": 41,
        "communication": 41,
        "financial-issues": 9,
        "policy": 2,
        "discrimination": 1,
        "not-categorised": 1,
        "commissioned-service-provision": 1,
    },
    EDUCATION: {
        "protection-of-user": 14,
        "service-standards": 39,
        "staff-conduct": 1,
        "communication": 40,
        "financial-issues": 2,
        "policy": 2,
        "not-categorised": 1,
        "commissioned-service-provision": 2,
        "outside-complaints-process": 4,
    },
}
CATEGORY_WEIGHTS = {
    CF: {
        "communication": 29,
        "protection-of-user": 27,
        "service-standards": 18,
        "staff-conduct": 16,
        "financial-issues": 5,
        "policy": 2,
        "discrimination": 1,
        "not-categorised": 1,
        "commissioned-service-provision": 1,
    },
    EDUCATION: {
        "communication": 37,
        "service-standards": 35,
        "protection-of-user": 12,
        "staff-conduct": 5,
        "financial-issues": 3,
        "policy": 4,
        "not-categorised": 2,
        "commissioned-service-provision": 2,
    },
    REST: {
        "communication": 23,
        "service-standards": 30,
        "physical-environment-issues": 18,
        "staff-conduct": 11,
        "policy": 8,
        "financial-issues": 6,
        "commissioned-service-provision": 2,
        "not-categorised": 1,
        "discrimination": 1,
    },
}

# --------------------------------------------------------------------------------------- teams
NO_TEAM = ""
TEAMS_2023 = {
    (CF, CONTACT_US): {
        "childrens-initial-response": 31,
        "childrens-with-disabilities": 19,
        "nuneaton-childrens-team": 14,
        "bedworth-and-north-warwickshire-childrens-team": 12,
        "childrens-mash": 8,
        "stratford-childrens-team": 8,
        "warwick-childrens-team": 8,
        "children-in-care-14-18": 7,
        "childrens-strengthening-families": 5,
        "childrens-early-help-and-targeted-support": 4,
        "rugby-childrens-team": 4,
        "childrens-fostering": 3,
        "childrens-uasc-and-leaving-care-18-25": 2,
        "children-in-care-support-team": 1,
    },
    (CF, CUSTOMER_FEEDBACK): {
        "children-with-disabilities-team": 9,
        "warwick-childrens-team": 7,
        "initial-response-south": 5,
        "bedworth-north-warwickshire-childrens-team": 5,
        "rugby-childrens-safeguarding-and-support-team": 5,
        "strengthening-families": 4,
        "stratford-childrens-team": 4,
        "asylum-and-leaving-care": 3,
        "initial-response-east": 3,
        "initial-response-north": 3,
        "children-and-families-front-door": 2,
        "early-and-targeted-family-support": 2,
        "nuneaton-childrens-team": 2,
        "edt": 1,
        "refugee-resettlement": 1,
        NO_TEAM: 1,
    },
    (EDUCATION, CONTACT_US): {"sendar": 47, "school-admissions": 23, NO_TEAM: 7},
    (EDUCATION, CUSTOMER_FEEDBACK): {
        "send-and-inclusion": 27,
        "children-missing-education-and-elective-home-education": 1,
    },
}
TEAMS_2022 = {EDUCATION: {"school-admissions": 68, "sendar": 58, NO_TEAM: 7}}
ADMISSIONS_BEFORE = 55  # complaints a year while Customer Services had School Admissions
TEAM_WEIGHTS = {
    CF: TEAMS_2023[CF, CONTACT_US],
    EDUCATION: {"sendar": 9, NO_TEAM: 1},
    ASC: {
        "older-people-and-physical-disability": 11,
        "learning-disability-and-autism": 5,
        "adult-financial-assessments": 5,
        NO_TEAM: 1,
    },
    "public-health": {"health-improvement": 5, NO_TEAM: 1},
    "highways": {"highways-maintenance": 14, "street-lighting": 3, "parking": 5, NO_TEAM: 1},
    "transport-and-planning": {
        "home-to-school-transport": 8,
        "bus-services": 4,
        "planning-control": 4,
    },
    "waste": {"recycling-centres": 9, "flood-risk": 3},
    "communities": {"trading-standards": 3, "country-parks": 4},
    "libraries": {"library-service": 7, "archives-and-museums": 2},
    "fire-and-rescue": {"fire-stations": 3, "fire-prevention": 2},
    CUSTOMER: {"contact-centre": 5, "registration-service": 4, "blue-badges": 5},
    "finance-and-property": {"payments-and-income": 6, "property-services": 3, NO_TEAM: 1},
}

# ------------------------------------------------------------------------ changes of type
RETYPED = (  # service, type at receipt, type now, how many; only the new system allows it
    (CF, "comment", "complaint", 2),
    (CF, "complaint", "comment", 2),
    (EDUCATION, "comment", "complaint", 1),
    (EDUCATION, "complaint", "comment", 1),
    ("highways", "comment", "complaint", 3),
    ("highways", "complaint", "comment", 3),
    (CUSTOMER, "complaint", "compliment", 1),
    ("libraries", "compliment", "comment", 1),
)


def first_day(year: int) -> date:
    """The first day of a financial year."""
    return date(year, APRIL, 1)


def period(year: int) -> tuple[date, date]:
    """A financial year, half-open."""
    return first_day(year), first_day(year + 1)


def financial_year(day: date) -> int:
    """The financial year that a day lies in."""
    return day.year if day.month >= APRIL else day.year - 1
