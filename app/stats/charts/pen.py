"""Draws charts: a process of its own, since what draws them takes more memory than a worker may.

`python -m app.stats.charts.pen` reads one JSON object, `{"kind": "svg" or "png", "specs": [...]}`,
and writes a JSON array of the pictures in base64. Nothing is fetched: no fonts, no data.
"""

import json
import os
import sys
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

VERSION = "6.4"  # of Vega-Lite, among those that vl-convert has in it
_SCALE = 2  # dots for each pixel, so that print is sharp
_NICENESS = 10


def drawn(specs: list[dict[str, Any]], kind: str) -> list[bytes]:
    """A picture of each specification."""
    import vl_convert  # noqa: PLC0415  # takes 80 MB, and only this process has it

    if kind == "svg":
        return [_labelled(vl_convert.vegalite_to_svg(spec, VERSION), spec) for spec in specs]
    return [vl_convert.vegalite_to_png(spec, VERSION, scale=_SCALE) for spec in specs]


def _labelled(svg: str, spec: dict[str, Any]) -> bytes:
    """The picture with its text alternative, which Vega leaves to the page that it stands in."""
    label = quoteattr(spec.get("description", ""))
    return svg.replace("<svg ", f'<svg role="img" aria-label={label} ', 1).encode()


def give_way() -> None:
    """Let the worker go first, to the processor and, if memory runs out, to live."""
    os.nice(_NICENESS)
    with suppress(OSError):  # there is no such file but on Linux
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def main() -> None:
    """Draw what standard input asks for."""
    give_way()
    asked = json.load(sys.stdin)
    pictures = drawn(asked["specs"], asked["kind"])
    json.dump([b64encode(picture).decode() for picture in pictures], sys.stdout)


if __name__ == "__main__":
    main()
