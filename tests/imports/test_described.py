"""What the documentation says of the import is so."""

import json
import re
from pathlib import Path
from typing import get_args

from app.imports.described import LINE, REQUEST_BODY
from app.imports.flat_csv import COLUMNS, OUTCOMES
from app.imports.schemas import ImportLine, PastAct
from app.imports.vocabulary import Result
from tests.imports.past import CSV, JSON_LINES, Clerk

PAGE = (Path(__file__).parents[2] / "docs" / "imports.md").read_text()


async def test_the_example_of_the_page_is_taken(clerk: Clerk) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    await clerk.taken(json.loads(example))


async def test_the_examples_of_the_description_are_taken(clerk: Clerk) -> None:
    content = REQUEST_BODY["requestBody"]["content"]
    assert isinstance(content, dict)
    for kind in (JSON_LINES, CSV):
        media_type = kind["Content-Type"].partition(";")[0]
        example = content[media_type]["examples"]["one_case"]["value"]
        answer = await clerk.post(example.encode(), kind)
        assert answer.json()["counts"]["taken"] == 1, answer.text
    assert LINE["acts"]


def test_the_page_names_every_field_act_column_outcome_and_result() -> None:
    union, _ = get_args(PastAct)
    acts = [get_args(act.model_fields["act"].annotation)[0] for act in get_args(union)]
    named = [*ImportLine.model_fields, *acts, *OUTCOMES, *Result]
    assert [name for name in named if f"`{name}`" not in PAGE] == []
    assert f"\n{','.join(COLUMNS)}\n" in PAGE
    fields = {
        name
        for act in get_args(union)
        for name in act.model_fields
        if name not in {"act", "on", "officer"}
    }
    assert [name for name in sorted(fields) if f"`{name}`" not in PAGE] == []
