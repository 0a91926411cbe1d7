"""A council's file is refused whole, with every error in it named by line."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.procedures.council_checks import Reading, mistakes_in
from app.procedures.council_file import BadCouncilFile, _shape, as_reference, read_council
from app.procedures.reference import ReferenceData


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(BadCouncilFile) as refused:
        read_council(text)
    return [(fault.line, fault.where, fault.what) for fault in refused.value.faults]


def test_both_councils_are_read(demonstration: ReferenceData, another: ReferenceData) -> None:
    assert demonstration.council == "Example County Council"
    assert another.council == "Strathexample Council"


ACTIVITY = (
    "\n".join(
        f'[[activity]]\nservice = "{service}"\nmeasure = "tenancies"\nname = "Tenancies"\n'
        f"since = {since}\nuntil = {until}\nvolume = 9\n"
        for service, since, until in [
            ("housing", "2024-01-01", "2025-01-01"),
            ("housing", "2024-07-01", "2025-07-01"),
            ("housing", "2025-07-01", "2026-07-01"),
            ("fish", "2024-01-01", "2025-01-01"),
        ]
    )
    + "\n[calendar]"
)

# Each row spoils one thing of the other council's file: what is there, what takes its place, the
# text at the start of the line that is named, where, and part of what is said.
SPOILED = [
    pytest.param(
        "acknowledge_within = 5",
        "acknowledge_in = 5",
        [
            ("[council]", "council.acknowledge_within", "This key is missing"),
            ("acknowledge_in", "council.acknowledge_in", "There is no such key here"),
        ],
        id="an unknown key",
    ),
    pytest.param(
        "acknowledge_within = 5",
        "acknowledge_within = 0",
        [
            ("acknowledge_within", "council.acknowledge_within", "greater than or equal to 1"),
        ],
        id="a limit of nothing",
    ),
    pytest.param(
        'name = "Housing"',
        'name = " Housing"',
        [
            ('name = " Housing"', "service[1].name", "one line of text"),
        ],
        id="a name with a space at its end",
    ),
    pytest.param(
        'name = "Housing"',
        'name = "Hous\\u0000ing"',
        [
            ('name = "Hous', "service[1].name", "one line of text"),
        ],
        id="a name with a character that cannot be kept",
    ),
    pytest.param(
        'slug = "housing"',
        'slug = "Housing Team"',
        [
            ('slug = "Housing Team"', "service[1].slug", "small letters and digits"),
            ("{ service", "team[1].placed[1].service", "No service in this file has this code"),
        ],
        id="a code with capitals, which nothing can then refer to",
    ),
    pytest.param(
        'slug = "ledger"',
        'slug = "the-ledger"',
        [
            ('slug = "the-ledger"', "source_system[1].slug", "single underscores"),
        ],
        id="a source system with hyphens",
    ),
    pytest.param(
        "on = 2025-04-01",
        'on = "2025-04-01"',
        [
            ("on =", "lineage[1].on", "without quotation marks"),
        ],
        id="a day in quotation marks",
    ),
    pytest.param(
        "until = 2025-04-01\n\n[[source",
        "until = 2020-04-01\n\n[[source",
        [
            ("until = 2020-04-01", "service[2].until", "first day after the period"),
            ("{ service", "team[1].placed[2].service", "The service did not exist for all"),
            ('service = "parks"', "team[2].service", "The service did not exist for all"),
        ],
        id="a period that ends as it starts",
    ),
    pytest.param(
        'directorate = "everything"\nsince = 2020-04-01\n\n',
        'directorate = "everything"\nsince = 2019-04-01\n\n',
        [
            ("directorate", "service[1].directorate", "did not exist for all of this period"),
        ],
        id="a service older than its directorate",
    ),
    pytest.param(
        'directorate = "everything"\nsince = 2020-04-01\n\n',
        'directorate = "nothing"\nsince = 2020-04-01\n\n',
        [
            ('directorate = "nothing"', "service[1].directorate", "No directorate in this file"),
        ],
        id="a service of no directorate",
    ),
    pytest.param(
        'slug = "parks"',
        'slug = "housing"',
        [
            ('slug = "housing"', "service[2].slug", "This service is in the file twice"),
            ("{ service", "team[1].placed[2].service", "No service in this file has this code"),
            ('service = "parks"', "team[2].service", "No service in this file has this code"),
        ],
        id="a code given twice",
    ),
    pytest.param(
        'teams = ["repairs"]',
        'teams = ["repairs", "repairs",\n "digging"]',
        [
            ("teams", "source_system[1].teams[2]", "on the list twice"),
            (' "digging"', "source_system[1].teams[3]", "No team in this file has this code"),
        ],
        id="a list of teams with one twice and one unknown",
    ),
    pytest.param(
        "collects_channel = true",
        "collects_channel = true\ncollects_until = 2024-01-01",
        [
            (
                "[[source_system]]",
                "source_system[1]",
                "Exactly one source system must still collect",
            ),
        ],
        id="no system that still collects",
    ),
    pytest.param(
        '[[team]]\nslug = "repairs"',
        '[[source_system]]\nslug = "box"\nname = "Box"\ncollects_from = 2021-04-01\n'
        'collects_channel = true\nreallocates_type = true\n\n[[team]]\nslug = "repairs"',
        [
            (
                "[[source_system]]",
                "source_system[2]",
                "Exactly one source system must still collect",
            ),
            (
                "collects_from = 2021",
                "source_system[2].collects_from",
                "overlaps the one before it",
            ),
        ],
        id="two systems that collect at once",
    ),
    pytest.param(
        "since = 2022-01-01",
        "since = 2022-02-01",
        [
            ("{ service", "team[1].placed[1].since", "Nothing holds from 2022-01-01 to 2022-01-31"),
        ],
        id="a gap between placements",
    ),
    pytest.param(
        "since = 2022-01-01",
        "since = 2021-12-31",
        [
            ("{ service", "team[1].placed[1].since", "overlaps the one before it"),
        ],
        id="placements that overlap",
    ),
    pytest.param(
        "since = 2020-04-01, until",
        "since = 2020-05-01, until",
        [
            ("{ service", "team[1].placed[2].since", "must start when the team does"),
        ],
        id="a team that belongs nowhere at first",
    ),
    pytest.param(
        "since = 2022-01-01 }",
        "since = 2022-01-01, until = 2024-01-01 }",
        [
            ("{ service", "team[1].placed[1].until", "must end when the team does"),
        ],
        id="a team that belongs nowhere in the end",
    ),
    pytest.param(
        'service = "parks"\n',
        'service = "parks"\nplaced = []\n',
        [
            ("[[team]]", "team[2]", "Give either `service`, or `placed`"),
        ],
        id="a team placed in two ways",
    ),
    pytest.param(
        'became = ["repairs"]',
        'became = ["mowing", "digging", "repairs", "repairs"]',
        [
            ("became", "lineage[1].became[1]", "A team cannot become itself"),
            ("became", "lineage[1].became[2]", "No team in this file has this code"),
            ("became", "lineage[1].became[4]", "This lineage is in the file twice"),
        ],
        id="lineage that leads nowhere",
    ),
    pytest.param(
        'was = "mowing"',
        'was = "digging"',
        [
            ("was", "lineage[1].was", "No team in this file has this code"),
        ],
        id="lineage from nowhere",
    ),
    pytest.param(
        'kind = "merged"',
        'kind = "eaten"',
        [
            ("kind", "lineage[1].kind", "'renamed', 'merged' or 'split'"),
        ],
        id="a lineage of no kind",
    ),
    pytest.param(
        'slug = "not-categorised"',
        'slug = "uncategorised"',
        [
            ("", "category", "The category not-categorised is missing"),
        ],
        id="without the category of the uncategorised",
    ),
    pytest.param(
        'meaning = "Another route decides."',
        'meaning = "Another route decides."\nuntil = 2024-01-01',
        [
            ("until", "category[3].until", "outside-complaints-process cannot end"),
        ],
        id="with an end to the category of those redirected",
    ),
    pytest.param(
        "since = 2023-04-01\nbasis",
        "since = 2023-04-02\nbasis",
        [
            (
                "since",
                "procedure[1].version[1].since",
                "Nothing holds from 2023-04-01 to 2023-04-01",
            ),
        ],
        id="a gap between versions of a procedure",
    ),
    pytest.param(
        "since = 2023-04-01\nbasis",
        "since = 2023-03-31\nbasis",
        [
            ("since", "procedure[1].version[1].since", "overlaps the one before it"),
        ],
        id="versions of a procedure that overlap",
    ),
    pytest.param(
        "number = 2",
        "number = 3",
        [
            ("number", "procedure[1].version[1].stage[2].number", "this one is 2"),
        ],
        id="a stage left out",
    ),
    pytest.param(
        'clock_starts = "acceptance"',
        'clock_starts = "receipt"',
        [
            (
                "clock_starts",
                "procedure[1].version[1].stage[2].clock_starts",
                "request or acceptance",
            ),
        ],
        id="a second stage whose clock starts at receipt",
    ),
    pytest.param(
        'clock_starts = "acknowledgement"',
        'clock_starts = "request"',
        [
            (
                "clock",
                "procedure[1].version[1].stage[1].clock_starts",
                "receipt or acknowledgement",
            ),
        ],
        id="a first stage that is requested",
    ),
    pytest.param(
        "respond_within = 5\n",
        "",
        [
            ("extend", "procedure[1].version[1].stage[1].extend_by_at_most", "cannot be extended"),
        ],
        id="an extension of no limit",
    ),
    pytest.param(
        "extend_by_at_most = 5\n",
        "extend_by_at_most = 5\nrequest_within = 5\n",
        [
            (
                "request",
                "procedure[1].version[1].stage[1].request_within",
                "Stage 1 is not asked for",
            ),
        ],
        id="a limit to ask for stage 1",
    ),
    pytest.param(
        "2026-12-25 =",
        "2027-12-25 =",
        [
            ("2027-12-25", "calendar.days.2027-12-25", "outside what the list covers"),
        ],
        id="a bank holiday outside the list",
    ),
    pytest.param(
        "2026-12-25 =",
        "2026-12-32 =",
        [
            ("2026-12-32", "calendar.days.2026-12-32", "year-month-day"),
        ],
        id="a bank holiday on no day",
    ),
    pytest.param(
        "2026-12-25 =",
        "20261225 =",
        [("20261225", "calendar.days.20261225", "year-month-day")],
        id="a bank holiday without hyphens",
    ),
    pytest.param(
        'service = "parks"\nsince',
        "service = 3\nsince",
        [("service = 3", "team[2].service", "valid string")],
        id="a team in a service that is a number",
    ),
    pytest.param(
        "covers_until = 2027-01-01",
        "covers_until = 2027-06-01",
        [
            ("covers_until", "calendar.covers_until", "covers 2027 but has no bank holiday"),
        ],
        id="a year without its bank holidays",
    ),
    pytest.param(
        "covers_until = 2027-01-01",
        "covers_until = 2025-01-01",
        [
            ("covers_until", "calendar.covers_until", "first day after the period"),
            ("2026-01-01", "calendar.days.2026-01-01", "outside what the list covers"),
            ("2026-01-02", "calendar.days.2026-01-02", "outside what the list covers"),
            ("2026-12-25", "calendar.days.2026-12-25", "outside what the list covers"),
        ],
        id="a calendar that ends before it starts",
    ),
    pytest.param(
        "[calendar]",
        ACTIVITY,
        [
            ("since = 2024-07-01", "activity[2].since", "overlaps another of the same measure"),
            ('service = "fish"', "activity[4].service", "No service in this file has this code"),
        ],
        id="activity counted twice, and of no service",
    ),
    pytest.param(
        'slug = "noise"',
        f'slug = "{"noise-" * 11}"',
        [("slug", "category[2].slug", "64 at most")],
        id="a code that is too long",
    ),
]


@pytest.mark.parametrize(("there", "instead", "expected"), SPOILED)
def test_an_error_is_named_with_its_line(
    another_text: str, there: str, instead: str, expected: list[tuple[str, str, str]]
) -> None:
    assert there in another_text
    text = another_text.replace(there, instead, 1)
    lines = text.splitlines()
    found = faults(text)
    assert [where for _, where, _ in found] == [where for _, where, _ in expected]
    for (line, _, what), (start, _, part) in zip(found, expected, strict=True):
        assert lines[line - 1].strip().startswith(start.strip())
        assert part in what


def test_all_errors_are_named_at_once_and_in_the_order_of_lines(another_text: str) -> None:
    text = (
        another_text.replace("acknowledge_within = 5", 'acknowledge_within = "five"')
        .replace('directorate = "everything"', 'directorate = "nothing"\ncolour = "green"', 1)
        .replace("since = 2022-01-01", "since = 2022-02-01")
        .replace("number = 2", "number = 3")
        .replace("2026-12-25 =", "2025-12-25 =")
    )
    found = faults(text)
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)
    assert [where for _, where, _ in found] == [
        "council.acknowledge_within",
        "service[1].directorate",
        "service[1].colour",
        "team[1].placed[1].since",
        "procedure[1].version[1].stage[2].number",
        "calendar.days.2025-12-25",
    ]


def test_a_refusal_is_a_problem_that_lists_its_errors(another_text: str) -> None:
    with pytest.raises(BadCouncilFile) as refused:
        read_council(another_text.replace("number = 2", "number = 3"))
    assert refused.value.members["faults"] == [
        {
            "line": 98,
            "where": "procedure[1].version[1].stage[2].number",
            "what": "Stages are numbered in order: this one is 2",
        }
    ]
    assert str(refused.value.faults[0]).startswith("line 98: procedure[1].version[1].stage[2]")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("[council]\nname = \n", 2, id="a value left out"),
        pytest.param("[council]\na = 1\na = 2\n", 3, id="a key given twice"),
        pytest.param("[council]\nname = [\n1,\n", 4, id="a list without its end"),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(text: str, line: int) -> None:
    assert [(line, "")] == [(at, where) for at, where, _ in faults(text)]


def test_an_empty_file_is_told_every_section_it_needs() -> None:
    missing = {where for _, where, what in faults("") if what == "This key is missing"}
    assert missing == {
        "council", "directorate", "service", "source_system", "category", "remedy", "procedure",
        "calendar",
    }  # fmt: skip


# Whatever one value of a file is replaced by, the reader answers with a council or with a refusal.


def places(document: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps: list[tuple[str | int, Any]] = []
    if isinstance(document, dict):
        steps = list(document.items())
    elif isinstance(document, list):
        steps = list(enumerate(document))
    return [path, *(found for step, inner in steps for found in places(inner, (*path, step)))]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)


@settings(deadline=None)
@given(data=st.data())
def test_no_value_of_any_shape_upsets_the_checks(another_text: str, data: st.DataObject) -> None:
    document = tomllib.loads(another_text)
    path = data.draw(st.sampled_from([place for place in places(document) if place]))
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = data.draw(ODD)
    mistakes, council = _shape(document)
    bad = frozenset(mistake.path for mistake in mistakes)
    mistakes += mistakes_in(Reading(document, bad))
    if not mistakes:
        assert council is not None
        assert as_reference(council).council
