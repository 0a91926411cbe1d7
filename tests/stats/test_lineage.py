"""What became of teams, followed link by link."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.organisation.vocabulary import LineageBasis, LineageKind
from app.stats.lineage import Doubt, Equivalent, Link, doubts_today, equivalents

DAY, LATER = date(2024, 1, 15), date(2030, 1, 1)
PUBLISHED, ASSUMED = LineageBasis.published, LineageBasis.assumed
RENAMED, MERGED, SPLIT = LineageKind.renamed, LineageKind.merged, LineageKind.split_up


def test_links_are_followed_to_the_team_of_today() -> None:
    links = [
        Link("a", "b", DAY, RENAMED, PUBLISHED),
        Link("b", "c", DAY, MERGED, ASSUMED),
        Link("d", "c", DAY, MERGED, PUBLISHED),
    ]
    assert equivalents(links, LATER) == {
        "a": Equivalent("c", frozenset({Doubt.assumed_link})),
        "b": Equivalent("c", frozenset({Doubt.assumed_link})),
        "d": Equivalent("c"),
    }
    assert doubts_today(links, LATER) == {"c": {Doubt.assumed_link}}


def test_a_team_that_was_split_stays_what_it_was() -> None:
    links = [Link("a", part, DAY, SPLIT, PUBLISHED) for part in ("b", "c")]
    assert equivalents(links, LATER) == {"a": Equivalent("a", frozenset({Doubt.split_up}))}
    assert doubts_today(links, LATER) == {team: {Doubt.split_up} for team in "abc"}


def test_what_has_not_happened_yet_changes_nothing() -> None:
    assert equivalents([Link("a", "b", LATER, RENAMED, PUBLISHED)], DAY) == {}


@given(
    st.lists(
        st.builds(
            Link,
            st.sampled_from("abcde"),
            st.sampled_from("abcde"),
            st.just(DAY),
            st.sampled_from(LineageKind),
            st.sampled_from(LineageBasis),
        )
    )
)
def test_following_links_always_ends(links: list[Link]) -> None:
    for team, now in equivalents(links, LATER).items():
        assert now.team == team or any(link.successor == now.team for link in links)
