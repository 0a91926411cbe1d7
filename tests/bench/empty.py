"""The service with one more room, whose only operation asks for a key and does nothing."""

from fastapi import Response

from app.access.guard import AnyKey, Router
from app.kit import logging, serving
from app.kit.clock import system_clock
from app.kit.settings import load
from app.main import ROOMS, build
from tests.bench.starting import announced

router = Router(prefix="/v1/nothing", tags=["service"])


@router.get("")
async def nothing(_by: AnyKey) -> Response:
    return Response(b'{"nothing":"done"}', media_type="application/json")


if __name__ == "__main__":
    settings = load()
    logging.configure(settings.log_level)
    rooms = (*(room.router for room in ROOMS), router)
    app = build(rooms, settings=settings, clock=system_clock)
    with serving.ended_by_signals() as told:
        serving.run(app, announced(), told)
