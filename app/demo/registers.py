"""Who wrote in, when and about what: every case as it was registered, before it was worked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain

from app.demo import plan
from app.demo.chance import Chance, Diary, apportion
from app.demo.draft import COMMENT, COMPLAINT, Draft
from app.demo.plan import CF, CONTACT_US, CUSTOMER_FEEDBACK, EDUCATION, SWITCH

LAST_YEAR = plan.YEARS[-1]
LOADED_UNTIL = date(2024, 1, 27)  # the migrated cases were loaded in the new system's first weeks
MIGRATED_RECEIVED = (date(2023, 11, 27), date(2024, 1, 13))
NOT_AFTER = date(2024, 3, 14)  # a type is changed, and the case still worked, in the data set
LAGS = (0, 0, 0, 0, 0, 0, 1, 1, 2, 3)  # days from receipt to registration
NAMED = (CF, EDUCATION)


class Registers:
    """Makes the drafts of all six years, in order of registration."""

    def __init__(self, chance: Chance, diary: Diary) -> None:
        self.chance, self.diary = chance, diary

    def drafts(self) -> list[Draft]:
        """Every case that counts, described, and those that were set aside."""
        drafts = [draft for year in plan.YEARS for draft in self._of_year(year)]
        drafts.sort(key=lambda draft: draft.registered)
        since_switch = [d for d in drafts if d.system == CUSTOMER_FEEDBACK and not d.migrated]
        for aside in (True, False):
            self._give_channels([d for d in since_switch if bool(d.set_aside) is aside])
        self._change_types([d for d in since_switch if not d.set_aside])
        return drafts

    def _of_year(self, year: int) -> Iterable[Draft]:
        for kind, totals in plan.TOTALS.items():
            rest = totals[plan.YEARS.index(year)]
            for service in NAMED:
                days = self._days_of(service, kind, year)
                rest -= len(days)
                yield from self._described(service, kind, year, days)
            for service, count in apportion(plan.REST_OF_COUNCIL[kind], rest).items():
                days = self._any_days(plan.period(year), count)
                yield from self._described(service, kind, year, days)
        yield from self._set_aside(year)

    # -------------------------------------------------------------- days and systems

    def _days_of(self, service: str, kind: str, year: int) -> list[date]:
        at = plan.YEARS.index(year)
        since_switch = plan.SINCE_SWITCH[service] if year == LAST_YEAR else {}
        if kind == COMPLAINT:
            months = plan.MONTHS[service][at]
            return list(chain(*(self._in_month(service, year, n) for n in enumerate(months))))
        count = plan.OF_SERVICE[service][kind][at]
        late = since_switch.get(kind, 0)
        until = min(plan.first_day(year + 1), SWITCH)
        return [
            *self._any_days((plan.first_day(year), until), count - late),
            *self._any_days((SWITCH, plan.first_day(LAST_YEAR + 1)), late),
        ]

    def _in_month(self, service: str, year: int, month: tuple[int, int]) -> list[date]:
        after_april, count = month
        since, until = _first(year, after_april), _first(year, after_april + 1)
        if since < SWITCH < until:
            early = plan.JANUARY_BEFORE_SWITCH[service]
            before = self._any_days((since, SWITCH), early)
            return [*before, *self._any_days((SWITCH, until), count - early)]
        return self._any_days((since, until), count)

    def _any_days(self, period: tuple[date, date], count: int) -> list[date]:
        return self.chance.choices(self.diary.within(*period), k=count) if count else []

    def _described(
        self, service: str, kind: str, year: int, days: Sequence[date]
    ) -> Sequence[Draft]:
        drafts = [self._received(service, kind, day) for day in sorted(days)]
        if kind == COMPLAINT:
            self._migrate(service, drafts)
            self._give_categories(service, year, drafts)
        for system in (CONTACT_US, CUSTOMER_FEEDBACK):
            group = [draft for draft in drafts if draft.system == system]
            self._give_teams(group, self._teams(service, kind, year, system), year)
        return drafts

    def _received(self, service: str, kind: str, registered: date) -> Draft:
        new = registered >= SWITCH
        system, system_since = (CUSTOMER_FEEDBACK, SWITCH) if new else (CONTACT_US, date.min)
        earliest = max(plan.first_day(plan.financial_year(registered)), system_since)
        received = registered - timedelta(days=self.chance.choice(LAGS))
        return Draft(kind, service, registered, system, max(received, earliest), first_type=kind)

    def _migrate(self, service: str, drafts: Sequence[Draft]) -> None:
        """Cases of the old system that were still open when the new one opened."""
        loaded = [d for d in drafts if SWITCH <= d.registered < date(2024, 2, 1)]
        count = min(plan.MIGRATED.get(service, 0), len(loaded))
        for draft in self.chance.sample(loaded, count):
            draft.migrated = True
            draft.registered = self.chance.choice(self.diary.within(SWITCH, LOADED_UNTIL))
            draft.received = self.chance.choice(self.diary.within(*MIGRATED_RECEIVED))

    # -------------------------------------------------------------- categories, teams, channels

    def _give_categories(self, service: str, year: int, drafts: Sequence[Draft]) -> None:
        if year == LAST_YEAR and service in plan.CATEGORIES_2023:
            pack = self.chance.deal(plan.CATEGORIES_2023[service])
        else:
            weights = plan.CATEGORY_WEIGHTS.get(service, plan.CATEGORY_WEIGHTS[plan.REST])
            pack = self.chance.spread(weights, len(drafts))
        for draft, category in zip(drafts, pack, strict=True):
            draft.category = None if category == "not-categorised" else category

    def _teams(self, service: str, kind: str, year: int, system: str) -> Mapping[str, int]:
        if kind == COMPLAINT and year == LAST_YEAR and service in NAMED:
            return plan.TEAMS_2023[service, system]
        if kind == COMPLAINT and year == plan.ADMISSIONS_JOIN_EDUCATION.year:
            return plan.TEAMS_2022.get(service, plan.TEAM_WEIGHTS[service])
        if service in NAMED and system == CUSTOMER_FEEDBACK:
            return plan.TEAMS_2023[service, system]
        return plan.TEAM_WEIGHTS[service]

    def _give_teams(self, drafts: Sequence[Draft], teams: Mapping[str, int], year: int) -> None:
        if not drafts:
            return
        pack = self.chance.spread(teams, len(drafts))
        admissions = drafts[0].service == plan.CUSTOMER and drafts[0].type == COMPLAINT
        if admissions and year < plan.ADMISSIONS_JOIN_EDUCATION.year:
            pack[: plan.ADMISSIONS_BEFORE] = ["school-admissions"] * plan.ADMISSIONS_BEFORE
            self.chance.shuffle(pack)
        for draft, team in zip(drafts, pack, strict=True):
            draft.team = team or None

    def _give_channels(self, drafts: Sequence[Draft]) -> None:
        for service, group in _by_service(drafts).items():
            weights = plan.CHANNELS_SINCE_SWITCH.get(service, plan.CHANNEL_WEIGHTS)
            for draft, channel in zip(group, self.chance.spread(weights, len(group)), strict=True):
                draft.channel = channel

    # -------------------------------------------------------------- changes of type, set aside

    def _change_types(self, drafts: Sequence[Draft]) -> None:
        groups = _by_service(d for d in drafts if d.registered < NOT_AFTER)
        for service, was, now, count in plan.RETYPED:
            able = [d for d in groups[service] if d.type == now and d.retyped is None]
            for draft in self.chance.sample(able, count):
                draft.first_type = was
                draft.retyped = self.diary.after(draft.registered, self.chance.randint(1, 4))

    def _set_aside(self, year: int) -> Iterable[Draft]:
        for reason, count in plan.SET_ASIDE.items():
            services = self.chance.spread(plan.SET_ASIDE_SERVICES, count)
            days = self._any_days(plan.period(year), count)
            for service, day in zip(services, days, strict=True):
                kind = self.chance.choice((COMPLAINT, COMMENT))
                draft = self._received(service, kind, day)
                draft.set_aside = reason
                yield draft


def _by_service(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.service, []).append(draft)
    return groups


def _first(year: int, after_april: int) -> date:
    years, month = divmod(plan.APRIL - 1 + after_april, 12)
    return date(year + years, month + 1, 1)
