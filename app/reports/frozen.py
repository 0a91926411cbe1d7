"""What is frozen of a report: one text, the same for ever, and the mark that tells if it is not."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

WHOLE = "whole-council"
_AND = "+"


def about(services: Sequence[str]) -> str:
    """The part of an address that says which services a report is about."""
    return _AND.join(sorted(services)) or WHOLE


def services_in(about: str) -> tuple[str, ...]:
    """The services that an address names, in order; none: the whole council."""
    return () if about == WHOLE else tuple(sorted(about.split(_AND)))


def address(year: str, services: Sequence[str], version: int | None = None) -> str:
    """Where a report is open to all: one version of it, or always the newest."""
    newest = f"/published/annual/{year}/{about(services)}"
    return newest if version is None else f"{newest}/{version}"


def canonical(content: Mapping[str, Any]) -> str:
    """JSON of which there is one way to write the same content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def mark(content: str | bytes) -> bytes:
    """The SHA-256 of what is frozen, as anyone can work it out from the file."""
    whole = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(whole).digest()
