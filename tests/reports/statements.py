"""The numeric statements of sections 1 and 3 of the source report, and what must be said of each.

A statement is carried if one sentence or note of the figure has all of its words. The numbers are
the paper's (`tests.demo.paper`); in front stands the paragraph, or the figure where the number of
the paragraph is not known. `NOT_CARRIED` lists what no sentence may say, and why.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.demo import paper
from tests.demo.paper import CF, EDUCATION, YEAR

NAMES = {CF: "Children & Families", EDUCATION: "Education"}
TYPES = {None: "complaints, comments and compliments", "complaint": "complaints"}
CATEGORIES = {
    "protection-of-user": "Protection of user",
    "service-standards": "Service Standards",
    "staff-conduct": "Staff conduct",
    "communication": "Communication",
}
TEAMS = {
    "childrens-initial-response": "Childrens Initial Response",
    "childrens-with-disabilities": "Childrens with Disabilities",
    "children-with-disabilities-team": "Children with Disabilities Team",
    "warwick-childrens-team": "Warwick Childrens Team",
    "sendar": "SENDAR",
    "school-admissions": "School Admissions",
    "send-and-inclusion": "SEND and Inclusion",
}
SYSTEMS = {
    paper.CONTACT_US: "in Contact Us (1 April 2023 to 14 January 2024)",
    paper.CUSTOMER_FEEDBACK: "in Customer Feedback System (15 January 2024 to 31 March 2024)",
}
OUTCOMES = {"upheld": "upheld", "partially_upheld": "partially upheld", "not_upheld": "not upheld"}
MONTHS = {"03": "March", "06": "June", "08": "August", "12": "December"}


@dataclass(frozen=True)
class Statement:
    """Something that the paper says in numbers, where it stands, and what has to be said."""

    where: str
    what: str
    figure: str
    words: tuple[str, ...]


def year(code: str) -> str:
    return code.replace("-", "/")


def of_findings(service: str, count: int) -> int:
    return paper.percent(count, paper.FINDINGS[service])


def statements() -> Iterator[Statement]:
    """Every numeric statement that the recorded data can carry."""
    yield from _over_time()
    yield from _by_service()
    yield from _contact()
    yield from _by_month()
    yield from _by_stage()
    yield from _categories()
    yield from _teams()
    yield from _remedies()
    yield from _outcomes()
    yield from _timescales()


def _over_time() -> Iterator[Statement]:
    figure = "feedback-over-time"
    for kind, was, now, fall in paper.FEEDBACK_FALLS:
        counts = paper.FEEDBACK[kind] if kind else paper.FEEDBACK_OF_ALL_TYPES
        what = TYPES.get(kind, f"{kind}s")
        from_, to = (f"{counts[each]:,}" if each in counts else "" for each in (was, now))
        yield Statement(
            "Figure 1",
            f"{what}: {fall}% fewer in {now} than in {was}",
            figure,
            (f"number of {what}", f"{fall}%", f"in {year(was)}", from_, year(now), to),
        )
    peak, _ = paper.COMPLAINTS_PEAK
    yield Statement(
        "Figure 1",
        "complaints were at their highest",
        figure,
        ("six years", "number of complaints was highest", f"in {year(peak)}"),
    )
    lowest = paper.LOWEST_OF_ALL_TYPES
    count = f"{paper.FEEDBACK_OF_ALL_TYPES[lowest]:,}"
    yield Statement(
        "Figure 1",
        "the total is the lowest of six years",
        figure,
        ("In the six years", TYPES[None] or "", f"lowest in {year(lowest)} ({count})"),
    )
    for before in paper.PRE_PANDEMIC:
        yield Statement(
            "Figure 1",
            f"the total is close to that of {before}",
            figure,
            (f"the number of {TYPES[None]}", f"% lower than in {year(before)} ("),
        )


def _by_service() -> Iterator[Statement]:
    figure = "feedback-by-service"
    for service, where in ((CF, "3.7"), (EDUCATION, "3.9")):
        counts = paper.FEEDBACK_OF_SERVICE[service]["complaint"]
        first, before, last = counts.items()
        fall = paper.percent(before[1] - last[1], before[1])
        yield Statement(
            where,
            f"complaints to {NAMES[service]} fell by {fall}% in {YEAR}",
            figure,
            (
                f"complaints to {NAMES[service]} decreased by {fall}%",
                f"from {before[1]} in {year(before[0])} to {last[1]} in {year(last[0])}",
            ),
        )
        yield Statement(
            where,
            f"complaints to {NAMES[service]} in {first[0]}",
            figure,
            (f"complaints to {NAMES[service]}, {last[1]}", f"in {year(first[0])} ({first[1]})"),
        )
    highest, next_one, _ = paper.FEEDBACK_OF_SERVICE[CF]["complaint"].values()
    share = paper.percent(highest - next_one, highest)
    yield Statement(
        "Figure 2",
        f"the fall for Children & Families was {share}% the year before too",
        figure,
        (f"The year before, it had decreased by {share}% from {highest}",),
    )
    for service in paper.BOTH:
        counts = paper.FEEDBACK_OF_SERVICE[service]["compliment"]
        first_, before_, last_ = counts.items()
        moved = "increased" if last_[1] > before_[1] else "decreased"
        size = paper.percent(abs(last_[1] - before_[1]), before_[1])
        yield Statement(
            "Figure 2",
            f"compliments to {NAMES[service]} {moved}: {size}% of a small number",
            figure,
            (
                f"compliments to {NAMES[service]} {moved} from {before_[1]} in {year(before_[0])}",
                f"to {last_[1]} in {year(last_[0])}",
                f"{size}%",
                "small number",
            ),
        )
        yield Statement(
            "Figure 2",
            f"compliments to {NAMES[service]} in {first_[0]}",
            figure,
            (f"compliments to {NAMES[service]}, {last_[1]}", f"in {year(first_[0])} ({first_[1]})"),
        )
    yield Statement(
        "1.7, 3.7",
        "183 complaints are 1.41% of the children worked with",
        "feedback-rates",
        ("Children & Families", "1.41% of children worked with", "183 of 12,969"),
    )
    for activity, name in (
        ("admissions-applications", "admissions applications"),
        ("ehc-needs-assessment-requests", "EHC needs assessment requests"),
        ("children-with-an-ehcp", "children with an EHCP"),
    ):
        yield Statement(
            "1.7",
            f"Education had {paper.ACTIVITY[activity]:,} {name}",
            "feedback-rates",
            (f"of {name}", f"105 of {paper.ACTIVITY[activity]:,}"),
        )
    yield Statement(
        "3.9",
        "School Admissions joined Education in 2022/23",
        figure,
        ("School Admissions moved", "to Education on 1 April 2022"),
    )


def _contact() -> Iterator[Statement]:
    figure = "contact-methods"
    yield Statement(
        "Figure 3",
        "methods of contact are those from 15 January 2024",
        figure,
        ("collected only from 15 January 2024",),
    )
    for service in paper.BOTH:
        yield Statement(
            "Figure 3",
            f"nobody wrote to {NAMES[service]} by post",
            figure,
            (f"None of it ({paper.BY_POST}%)", "by post"),
        )
    yield Statement(
        "Figure 3",
        "Education has the larger share by portal",
        figure,
        ("The share that came by portal was", "% for Education and", "% for Children & Families"),
    )


def _by_month() -> Iterator[Statement]:
    figure = "complaints-by-month"
    for service, where in ((CF, "3.16"), (EDUCATION, "3.18")):
        yield Statement(
            where,
            f"January was the highest month for {NAMES[service]}, being swollen by migrated cases",
            figure,
            (f"The most complaints to {NAMES[service]}", "January 2024", "migrated"),
        )
    yield Statement(
        "3.16",
        "15 migrated cases count in January",
        figure,
        (f"but {paper.MIGRATED_IN_JANUARY[CF]} cases were migrated", "January 2024"),
    )
    for service, where in ((CF, "3.17"), (EDUCATION, "3.20")):
        names = [MONTHS[month] for month in paper.LOW_MONTHS[service]]
        yield Statement(
            where,
            f"the low months of {NAMES[service]}, in earlier years too",
            figure,
            (
                f"For {NAMES[service]}",
                "fewer than two thirds",
                *names,
                "in each of the five earlier years too",
            ),
        )
    was, now = paper.EDUCATION_IN_SEPTEMBER.values()
    above, septembers = paper.EDUCATION_SEPTEMBERS_ABOVE
    assert now == above
    yield Statement(
        "3.19",
        "Education's September fell by 57% and below those of three years",
        figure,
        (
            f"{paper.percent(was - now, was)}%",
            f"from {was} in September 2022 to {now} in September 2023",
            {3: "three years before"}[len(septembers)],
        ),
    )


def _by_stage() -> Iterator[Statement]:
    for stage, counts in paper.LATER_STAGES.items():
        (first, most), (before, was), (last, now) = counts.items()
        words = (f"stage {stage} complaints, {now}", f"in {year(first)} ({most})")
        fell = f"{paper.percent(most - now, most)}% lower"  # more than a half
        yield Statement(
            "Figure 5",
            f"stage {stage}: {most} in {first} and {now} in {last}",
            "complaints-by-stage",
            (*words, fell) if 2 * now < most else words,
        )
        yield Statement(
            "Figure 5",
            f"stage {stage}: {was} in {before}",
            "complaints-by-stage",
            (f"stage {stage} complaints", f"from {was} in {year(before)} to {now} in {year(last)}"),
        )


def _categories() -> Iterator[Statement]:
    figure = "complaint-categories"
    for service, where in ((CF, "3.28"), (EDUCATION, "3.30")):
        whole = sum(count for count, _ in paper.CATEGORIES[service].values())
        counts = paper.CATEGORIES[service]
        first, second = sorted(counts, key=lambda code: -counts[code][0])[:2]
        for code in (first, second):
            count, share = counts[code]
            yield Statement(
                "Figure 6",
                f"{NAMES[service]}: {code} {count} ({share}%)",
                figure,
                (
                    f"{whole} complaints to {NAMES[service]}",
                    f"{CATEGORIES[code]} ({count}, {share}%)",
                ),
            )
        names = [CATEGORIES[code] for code in sorted(paper.HIGHEST_CATEGORIES_BEFORE[service])]
        yield Statement(
            where,
            f"the first two categories of {NAMES[service]} in earlier years",
            figure,
            (f"the two with most complaints to {NAMES[service]}", *names),
        )
    count, share = paper.CATEGORIES[CF]["staff-conduct"]
    yield Statement(
        "Figure 6",
        "staff conduct and communication are as many",
        figure,
        (f"Staff conduct and Communication ({count} each, {share}%)",),
    )


def _teams() -> Iterator[Statement]:
    figure = "complaints-by-team"
    for (service, system), counts in paper.TEAMS.items():
        whole = paper.TEAM_DENOMINATORS[service, system]
        for team in list(counts)[:2]:
            count, share = counts[team]
            if team not in TEAMS:
                continue
            yield Statement(
                "3.33" if service == CF else "3.34",
                f"{team}: {count} ({share}%) {system}",
                figure,
                (
                    f"{whole} complaints to {NAMES[service]} {SYSTEMS[system]}",
                    f"{TEAMS[team]} ({count}, {share}%)",
                ),
            )
    yield Statement(
        "3.33",
        "Initial Response had most in 2020/21, 2021/22 and 2022/23",
        figure,
        ("Children & Families were about Childrens Initial Response (", "to 2022/23)"),
    )
    yield Statement(
        "3.34",
        "SEND had most in other years, School Admissions in 2022/23",
        figure,
        ("SENDAR (2018/19 to 2021/22) and School Admissions (2022/23)",),
    )
    (was, whole), (now, _) = paper.ADMISSIONS.values()
    yield Statement(
        "3.35",
        "School Admissions had 68 of 133 in 2022/23 and 23 in 2023/24, a part-year column",
        figure,
        (
            "School Admissions had the most complaints to Education in 2022/23",
            f"({was}, {paper.percent(was, whole)}%)",
            f"now has {now} in Contact Us",
            "part of a year, so no change is given",
        ),
    )


def _remedies() -> Iterator[Statement]:
    for service in paper.BOTH:
        yield Statement(
            "Figure 9",
            f"the first three remedies of {NAMES[service]}",
            "remedies",
            (f"given by {NAMES[service]}", "Explanation", "Apology", "then Service provided"),
        )
        yield Statement(
            "3.39",
            f"{NAMES[service]} explained most in every earlier year",
            "remedies",
            (f"each of the five earlier years the remedy given most by {NAMES[service]} was Expl",),
        )


def _outcomes() -> Iterator[Statement]:
    for service, where in ((CF, "3.45"), (EDUCATION, "3.48")):
        for outcome, (count, share) in paper.OUTCOMES[service].items():
            yield Statement(
                where,
                f"{NAMES[service]}: {count} {outcome} ({share}%)",
                "outcomes",
                (
                    f"complaints to {NAMES[service]} closed at stage 1",
                    f"{count} ",
                    f"{OUTCOMES[outcome]} ({share}%, or {of_findings(service, count)}%",
                ),
            )
    yield Statement(
        "3.46",
        "not upheld was first and partially upheld second in 2022/23",
        "outcomes",
        ("In 2022/23", "Children & Families, the most were not upheld (", ", partially upheld ("),
    )
    yield Statement(
        "3.47",
        "upheld was first in 2022/23",
        "outcomes",
        ("In 2022/23", "Education, the most were upheld ("),
    )


def _timescales() -> Iterator[Statement]:
    for service in paper.BOTH:
        excluded = paper.EXCLUDED_AS_MIGRATED[service]
        within = paper.MOSTLY_WITHIN[service]
        order = ("within target", "outside target") if within else ("outside target", "within tar")
        yield Statement(
            "3.51",
            f"{excluded} migrated cases of {NAMES[service]} are left out",
            "timescales",
            (f"{excluded} more to {NAMES[service]} are left out", "migrated"),
        )
        yield Statement(
            "3.50" if service == CF else "3.53",
            f"most of {NAMES[service]} were {order[0]}",
            "timescales",
            (f"{NAMES[service]} closed at stage 1", f"{order[0]} and", order[1]),
        )
        yield Statement(
            "3.50" if service == CF else "3.53",
            f"{NAMES[service]} were mostly in time in earlier years",
            "timescales",
            (f"more of those to {NAMES[service]} were closed within target than not",),
        )


NOT_CARRIED = (
    (
        "3.35",
        "School Admissions fell by 66%",
        "23 is a column that ends on 14 January 2024: it is told beside 68, and no change is given",
        "66%",
    ),
    (
        "3.45",
        "52 not upheld and 51 partially upheld",
        "the table beside it has 53 and 52, and no whole fits both",
        "51 partially upheld",
    ),
    (
        "3.48",
        "Education's second highest outcome was partially upheld",
        "the table beside it has not upheld second (18) and partially upheld third (8)",
        "26 were upheld (29%, or 50% of those with a finding), 8 partially",
    ),
    (
        "3.55 to 3.57",
        "lessons learned",
        "the service does not record them",
        "lesson",
    ),
)
"""Where, what, why it is not said, and words that no sentence may have."""
