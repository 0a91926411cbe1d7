"""The API's pages for people: `/docs` from our own files, so that it works without the internet."""

from collections.abc import Callable, Mapping
from mimetypes import guess_type
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]  # it has no types

from app.kit.openapi import for_older_readers
from app.kit.routing import Route

ASSETS = frozenset({
    "swagger-ui.css", "swagger-ui-bundle.js", "favicon-16x16.png", "favicon-32x32.png",
})  # fmt: skip
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_CACHED = "public, max-age=86400"
_CACHED_BRIEFLY = "public, max-age=300"  # a release may bring another description
_START = """
window.ui = SwaggerUIBundle({
  url: "docs/openapi.json", dom_id: "#docs", deepLinking: true,
  persistAuthorization: false, validatorUrl: null, tryItOutEnabled: true
});
"""
_PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: the API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="docs"></main>
<noscript>This page needs JavaScript. The API is described in
<a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""


class _Description:
    """The description of an app in some form. Written once: it takes as long as many requests."""

    def __init__(self, form: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
        self._form = form
        self._written: WeakKeyDictionary[FastAPI, tuple[object, bytes]] = WeakKeyDictionary()

    def of(self, app: FastAPI) -> Response:
        """An answer with what the app says of itself now."""
        document = app.openapi()
        described, body = self._written.get(app, (None, b""))
        if described is not document:
            body = bytes(JSONResponse(self._form(document)).body)
            self._written[app] = document, body
        headers = {"Cache-Control": _CACHED_BRIEFLY}
        return Response(body, media_type="application/json", headers=headers)


_NEWEST, _OLDER = _Description(dict), _Description(for_older_readers)

router = APIRouter(route_class=Route, include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The API's operations, to read and to try."""
    page = _PAGE.format(title=request.app.title)
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


@router.get("/docs/openapi.json")
async def docs_document(request: Request) -> Response:
    """The description of the API in the older form that the page understands."""
    return _OLDER.of(request.app)


@router.get("/openapi.json")
async def openapi_document(request: Request) -> Response:
    """The description of the API, OpenAPI 3.1."""
    return _NEWEST.of(request.app)


@router.get("/docs/{asset}")
async def docs_asset(asset: str) -> Response:
    """A file of the page."""
    if asset == "start.js":
        return Response(_START, media_type="text/javascript", headers={"Cache-Control": _CACHED})
    if asset not in ASSETS:
        raise HTTPException(404)
    content = (swagger_ui_path / asset).read_bytes()
    media_type = guess_type(asset)[0] or "application/octet-stream"
    return Response(content, media_type=media_type, headers={"Cache-Control": _CACHED})
