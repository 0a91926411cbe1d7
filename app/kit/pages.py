"""Pages for people: one look, no script, and nothing from anywhere else."""

from html import escape
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from app.kit.routing import Route

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
STYLE = Path(__file__).with_name("style.css")
_CACHED = "public, max-age=3600"
_PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="site"><a href="/">Council feedback</a></header>
<main id="content" tabindex="-1">
{body}
</main>
</body>
</html>
"""

router = APIRouter(route_class=Route, include_in_schema=False)


def page(title: str, body: str) -> str:
    """A whole page: `title` is text, `body` is HTML that is safe already."""
    return _PAGE.format(title=escape(title), body=body)


def page_answer(html: str, *, status: int = 200, cached: str = "no-store") -> Response:
    """A page as an answer; nothing of it is run, and nobody may frame it."""
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": cached,
        "Referrer-Policy": "same-origin",  # with none at all a form would say it comes from nowhere
        "Vary": "Accept",
    }
    return HTMLResponse(html, status, headers)


def wants_page(request: Request) -> bool:
    """Whether it is a browser that asks, for a page to show."""
    return "text/html" in request.headers.get("accept", "")


@router.get("/style.css")
async def style() -> Response:
    """How every page looks."""
    headers = {"Cache-Control": _CACHED}
    return Response(STYLE.read_bytes(), media_type="text/css", headers=headers)
