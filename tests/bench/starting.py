"""What the bench's own servers do first: take a port and tell it, as the service does."""

import socket

from app.kit.serving import take_address


def announced() -> socket.socket:
    """A port of this machine that is ours, told on the first line of output."""
    listening = take_address("127.0.0.1", 0)
    print(f"Serving on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)  # noqa: T201
    return listening
