"""The two lists of teams, in the order in which the paper prints them (Figures 7 and 8)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

COUNCIL = Path(__file__).parents[2] / "app" / "demo" / "council.toml"

CHILDREN_OLD = """
    Childrens Initial Response | Childrens with Disabilities | Nuneaton Childrens Team
    | Bedworth and North Warwickshire Childrens Team | Childrens MASH | Stratford Childrens Team
    | Warwick Childrens Team | Children in Care 14-18 | Childrens Strengthening Families
    | Childrens Early Help and Targeted Support | Rugby Childrens Team | Childrens Fostering
    | Childrens UASC and Leaving Care 18-25 | Children in Care Support Team
"""
CHILDREN_NEW = """
    Children with Disabilities Team | Warwick Childrens Team | Initial Response South
    | Bedworth & North Warwickshire Children's Team
    | Rugby Childrens Safeguarding and Support Team | Strengthening Families
    | Stratford Childrens Team | Asylum and Leaving Care | Initial Response East
    | Initial Response North | Children and Families Front Door
    | Early & Targeted Family Support | Nuneaton Childrens Team | EDT | Refugee Resettlement
"""
EDUCATION_OLD = "SENDAR | School Admissions"
EDUCATION_NEW = """
    SEND and Inclusion | Children Missing Education and Elective Home Education
"""


@pytest.mark.parametrize(
    ("system", "service", "printed"),
    [
        ("contact_us", "children-and-families", CHILDREN_OLD),
        ("customer_feedback", "children-and-families", CHILDREN_NEW),
        ("contact_us", "education", EDUCATION_OLD),
        ("customer_feedback", "education", EDUCATION_NEW),
    ],
)
def test_a_list_of_teams_is_as_printed(system: str, service: str, printed: str) -> None:
    council: dict[str, Any] = tomllib.loads(COUNCIL.read_text(encoding="utf-8"))
    teams = {team["slug"]: team for team in council["team"]}
    listed = next(s["teams"] for s in council["source_system"] if s["slug"] == system)
    names = [
        teams[slug]["name"]
        for slug in listed
        if (teams[slug].get("service") or teams[slug]["placed"][-1]["service"]) == service
    ]
    assert names == [" ".join(name.split()) for name in printed.split("|")]
