"""The parts of the addresses of reports: year, what one is about, version, and form."""

from typing import Annotated

from fastapi import Path

_ABOUT = "[a-z0-9]+(?:[-_+][a-z0-9]+)*"
_SUFFIX = r"(?:\.[a-z]{1,8})?"

Year = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}$", max_length=7, examples=["2023-24"])]
About = Annotated[
    str,
    Path(
        pattern=rf"^{_ABOUT}$",
        max_length=3_300,
        description="The services it is about, joined by `+`, or `whole-council`.",
        examples=["children-and-families+education"],
    ),
]
Version = Annotated[
    str,
    Path(
        pattern=rf"^[1-9][0-9]{{0,5}}{_SUFFIX}$",
        max_length=12,
        description="The version; a suffix asks for a form: `.html`, `.json`.",
        examples=["1"],
    ),
]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="The version.", examples=[1])]
Name = Annotated[
    str,
    Path(
        pattern=rf"^{_ABOUT}{_SUFFIX}$",
        max_length=3_300,
        description="As `about`; a suffix asks for a form: `.html`, `.json`.",
        examples=["children-and-families+education"],
    ),
]
