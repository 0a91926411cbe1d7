"""The report's page and those beside it, as Chromium shows them: without barriers, on a phone.

Run by `make test-tools`, which installs axe. axe is put into a copy of the page: the page itself
has no script, and allows none.
"""

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from app.kit.pages import STYLE
from tests.demo import paper
from tests.kit.chromium import shown
from tests.reports.press import Press
from tests.stats.demonstration import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = Path(__file__).parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = 320  # pixels
YEAR = "2025-26"
SAYS = "what-axe-says"
RUN = f"""
axe.run(document, {{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
  "best-practice"]}}).then(found => {{
  const said = document.createElement("script");
  said.type = "application/json";
  said.id = "{SAYS}";
  said.textContent = JSON.stringify({{
    passes: found.passes.length,
    violations: found.violations.map(one => [one.id, one.nodes.map(node => node.html)]),
  }});
  document.body.append(said);
}});
"""
MEASURE = "parent.document.body.dataset.width = document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
async def page(reader: Reader) -> str:
    """The page, with its stylesheet in it, so that it can be opened as a file."""
    answer = await reader.client.get(
        f"/v1/reports/annual/{paper.YEAR}.html",
        params={"service": list(paper.BOTH)},
        headers=reader.headers,
    )
    return styled(answer.text)


def styled(page: str) -> str:
    """A page with its stylesheet in it."""
    style = f"<style>{STYLE.read_text()}</style>"
    return page.replace('<link rel="stylesheet" href="/style.css">', style)


def rendered(page: str, folder: Path) -> str:
    """What a browser makes of a page."""
    file = folder / "page.html"
    file.write_text(page)
    made, _ = shown(file.as_uri(), folder, virtual_seconds=60)
    return made


def with_script(page: str, *scripts: str) -> str:
    """A copy of a page that runs something at its end."""
    tags = "".join(f"<script>{script}</script>" for script in scripts)
    return page.replace("</body>", f"{tags}</body>")


def barriers(page: str, folder: Path) -> Any:
    """What axe has to say against a page."""
    assert AXE.exists(), "this test needs axe: npm ci in tests/reports/browser"
    dom = rendered(with_script(page, AXE.read_text(), RUN), folder)
    found = re.search(
        rf'<script type="application/json" id="{SAYS}">(.*?)</script>', dom, re.DOTALL
    )
    assert found, "axe did not finish"
    said = json.loads(found[1])
    assert said["passes"] > 12
    return said["violations"]


def test_axe_finds_no_barrier(page: str, tmp_path: Path) -> None:
    assert barriers(page, tmp_path) == []


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", f"/published/annual/{YEAR}/education/1/reconciliation"]
)
async def test_axe_finds_no_barrier_in_the_pages_beside_it(
    client: AsyncClient, keys: Mapping[str, dict[str, str]], tmp_path: Path, path: str
) -> None:
    await Press(client, keys["customer_relations"], YEAR, ["education"]).publish()
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert barriers(styled(answer.text), tmp_path) == []


async def test_axe_finds_no_barrier_in_the_form_that_refused_a_key(
    client: AsyncClient, tmp_path: Path
) -> None:
    answer = await client.post(
        "/sign-in", content="key=wrong", headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 401
    assert barriers(styled(answer.text), tmp_path) == []


def test_axe_finds_a_barrier_where_there_is_one(page: str, tmp_path: Path) -> None:
    spoiled = page.replace(' lang="en-GB"', "").replace("--quiet: #4a4a4a", "--quiet: #aaaaaa")
    assert {"html-has-lang", "color-contrast"} <= {name for name, _ in barriers(spoiled, tmp_path)}


def test_the_page_fits_on_a_phone(page: str, tmp_path: Path) -> None:
    inner = html.escape(with_script(page, MEASURE))
    outer = f'<!doctype html><body><iframe width="{PHONE}" height="700" srcdoc="{inner}"></iframe>'
    found = re.search(r'data-width="(\d+)"', rendered(outer, tmp_path))
    assert found
    assert int(found[1]) <= PHONE
