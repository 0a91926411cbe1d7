"""The bank holidays of the demonstration council against two lists that others keep."""

import tomllib
from datetime import date
from pathlib import Path

import holidays
from govuk_bank_holidays.bank_holidays import (  # type: ignore[import-untyped]  # has no types
    BankHolidays,
)

COUNCIL = Path(__file__).parents[2] / "app" / "demo" / "council.toml"
OURS = {
    date.fromisoformat(day)
    for day in tomllib.loads(COUNCIL.read_text(encoding="utf-8"))["calendar"]["days"]
}
YEARS = range(2012, 2029)


def test_every_year_of_the_list_is_there() -> None:
    assert {day.year for day in OURS} == set(YEARS)


def test_they_are_those_that_gov_uk_publishes() -> None:
    published = BankHolidays(use_cached_holidays=True).get_holidays(
        division=BankHolidays.ENGLAND_AND_WALES
    )
    assert {holiday["date"] for holiday in published} == OURS


def test_on_weekdays_they_are_those_that_the_holidays_library_knows() -> None:
    known = holidays.country_holidays("GB", subdiv="ENG", years=YEARS)
    assert {day for day in known if day.weekday() < 5} == OURS


def test_none_falls_on_a_weekend() -> None:
    assert [day for day in OURS if day.weekday() >= 5] == []
