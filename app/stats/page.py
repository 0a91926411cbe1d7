"""docs/figures.md, written from the declarations: `python -m app.stats.page > docs/figures.md`."""

import sys
from collections.abc import Iterator

from app.stats.catalogue import DECLARED_IN, FIGURES
from app.stats.figure import Figure
from app.stats.question import parameters

_HEAD = """\
# The figures

This page is written from the declarations (`python -m app.stats.page`); a test holds it to them.

Every figure counts the rows of one fact whose day falls in a period, once each:

- **Considered** is everything of that kind in the period. Each thing considered is either counted
  or left out for one reason, the first that applies; `left_out` says how many, for each.
- **A whole** (`denominator`, and `totals`) is counted by itself, not added up from its rows; the
  rows under it sum to it, since every list has a row for "none of these". Zero rows are shown.
- **A percentage** is the exact fraction, rounded half up to a whole number; of nothing it is none.
- **A financial year** runs from 1 April to 31 March, in London days. A period has a first day
  (`since`) and the day after its last (`until`). Asked nothing, a figure is about the last
  complete financial year.
- **Behind a count**: each line links what it counted (`cases`), for keys that may read cases and
  exact counts; `GET /v1/stats/figures/{slug}/cases` lists it, by the conditions that counted it.
- **A free question** is a figure that nobody declared: `GET /v1/stats/query` takes a fact, cuts,
  filters, a grain and measures. `GET /v1/stats/catalogue` lists every word, and each figure below
  as the free question that it is.
- **Notes** are found in the data: migrated cases, part-years, systems that changed.

## Small numbers

An answer is `exact`, or it is `public`: so it is for keys without `stats:full`, and in a report
published for everyone. A public answer withholds counts from 1 to 4 (a setting), and whatever
would give one away: other rows of the same whole, the same count in other figures, shares,
changes, amounts, ranks. What is withheld is `null` (`[c]` in files), and its line says
`"suppressed": true`; a nought is told, and is a nought. How many were left out is not told, only
why. Without `stats:full` a figure is asked about financial years that are over, by the usual
bases; [why, and what is not promised](decisions/0009-small-numbers.md).
"""

_STEPS = """\
## How to add a figure

1. Say it in one sentence: what is counted, on which day, as a share of what, leaving out what.
2. Find its fact in `app/stats/facts/`. If nothing counts such rows yet, add a `Fact`: its rows,
   the day each happened, what it can be cut by, and why something may be left out; and put it
   into `FACTS` in `app/stats/catalogue.py`, so that free questions can be asked of it.
3. Find its cuts in `app/stats/cuts.py`. If one is new, add a `Cut` with its closed list of codes
   in their order, and a field of its name to `KeysOut` in `app/stats/lines.py`.
4. Declare its `Population` and the `Figure` in `app/stats/figures/<theme>.py`. A new theme goes
   into `THEMES` in `app/stats/catalogue.py`. A declaration that cannot be counted truthfully is
   refused at import.
5. Write its worked example in `tests/stats/examples/<slug>.py`: a few cases, and the rows you
   expect, by hand. Count it a second time in `tests/stats/oracle.py`, in plain Python that
   shares no code, and plant a fault in `tests/stats/known.py` that would make it wrong.
6. Run `python -m app.stats.page > docs/figures.md`, then `make check` and `make test`.
"""


def figures_page() -> str:
    """The whole page: what figures have in common, each of them, and how to add one."""
    sections = ["\n".join(_section(figure)) for figure in FIGURES]
    return "\n".join([_HEAD, *_contents(), *sections, _STEPS])


def _contents() -> Iterator[str]:
    yield "| Figure of the report | Slug | Title |\n|---|---|---|"
    for figure in FIGURES:
        yield f"| {_numbers(figure)} | [{figure.slug}](#{figure.slug}) | {figure.title} |"
    yield ""


def _section(figure: Figure) -> Iterator[str]:
    population, day = figure.population, figure.fact.days[0]
    yield f"## {figure.slug}\n"
    number = f" (Figure {_numbers(figure)})" if figure.report_figures else ""
    yield f"**{figure.title}**{number}. {figure.means}\n"
    yield f"- **Population:** {population.words} {day.words}."
    yield f"- **Day:** {day.basis.replace('_', ' ')}{_other_days(figure)}."
    yield f"- **Whole of its shares:** {figure.whole}."
    yield f"- **Covers:** {_years(figure)}."
    yield "- **Cut by:**"
    yield from (f"  - `{cut.name}`: {cut.means}" for cut in figure.cuts)
    if figure.quantities:
        said = (f"`{one.name}`, of {one.amount.means}" for one in figure.quantities)
        yield f"- **Besides:** {'; '.join(said)}."
    yield "- **Left out**, for the first reason that applies:"
    yield from (f"  - `{reason.code}`: {reason.words}" for reason in figure.leaves_out)
    yield f"- **Asked with:** {', '.join(f'`{name}`' for name in parameters(figure))}."
    yield f"- **Declared in:** {_declaration(figure)}; worked example in {_example(figure)}.\n"


def _numbers(figure: Figure) -> str:
    return " and ".join(str(number) for number in figure.report_figures) or "-"


def _other_days(figure: Figure) -> str:
    others = [f"`date_basis={day.basis}`" for day in figure.fact.days[1:]]
    return f"; or as asked: {', '.join(others)}" if others else ""


def _years(figure: Figure) -> str:
    if figure.years > 1:
        return f"{figure.years} financial years side by side, unless `years` says otherwise"
    return "one period"


def _declaration(figure: Figure) -> str:
    return f"`{DECLARED_IN[figure.slug].replace('.', '/')}.py`"


def _example(figure: Figure) -> str:
    return f"`tests/stats/examples/{figure.slug.replace('-', '_')}.py`"


if __name__ == "__main__":
    sys.stdout.write(figures_page())
