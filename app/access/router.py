"""What the service measures of itself, for whoever watches over it."""

from http import HTTPStatus

from fastapi import Request, Response

from app.access.guard import Router, Watcher
from app.kit.metrics import MEDIA_TYPE, Metrics

router = Router(tags=["service"])

_EXAMPLE = """\
# HELP council_feedback_requests_total Requests, by route and status.
# TYPE council_feedback_requests_total counter
council_feedback_requests_total{method="POST",route="/v1/feedback",status="201"} 42.0
"""
_TEXT = {
    "description": "Measurements in the text format of Prometheus.",
    "content": {
        "text/plain": {
            "schema": {"type": "string", "maxLength": 1_000_000},
            "examples": {"requests": {"value": _EXAMPLE}},
        }
    },
}


@router.get("/metrics", response_class=Response, responses={HTTPStatus.OK: _TEXT})
async def read_metrics(request: Request, _by: Watcher) -> Response:
    """What the service measures of itself, for Prometheus. Nobody's data is in it."""
    metrics: Metrics = request.app.state.metrics
    return Response(await metrics.text(), media_type=MEDIA_TYPE)
