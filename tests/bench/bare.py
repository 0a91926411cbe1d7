"""The least that FastAPI can do: one route without a key, a log line or a header of its own."""

import uvicorn
from fastapi import FastAPI

from tests.bench.starting import announced

app = FastAPI()


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/v1/nothing")
async def nothing() -> dict[str, str]:
    return {"nothing": "done"}


if __name__ == "__main__":
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_config=None)
    uvicorn.Server(config).run(sockets=[announced()])
