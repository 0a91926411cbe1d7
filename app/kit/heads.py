"""The head of a request has an end: uvicorn's parser, which is written in C, would keep any.

A head that is longer than is taken is refused before it is read to its end, and its connection is
closed; so is one on which trailers come without end after a body. What it costs an ordinary
request is the comparison of two numbers.
"""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.kit.errors import MEDIA_TYPE, render
from app.kit.middleware import SECURITY_HEADERS
from app.kit.problem import Problem

HEAD_LIMIT = 64 * 1024
"""Bytes of address and headers: eight times what proxies let through by default."""


class HeadTooLarge(Problem):
    """The address and the headers of a request are longer than is taken."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    title = "The address and the headers are too long"


def _refusal() -> bytes:
    body = bytes(render(HeadTooLarge(f"Keep them below {HEAD_LIMIT} bytes."), instance=None).body)
    headers = {
        **SECURITY_HEADERS,
        b"content-type": MEDIA_TYPE.encode(),
        b"content-length": str(len(body)).encode(),
        b"connection": b"close",
    }
    status = HeadTooLarge.status
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
    lines += [name + b": " + value for name, value in headers.items()]
    return b"\r\n".join([*lines, b"", body])


_REFUSAL = _refusal()


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's protocol, with an end to what it keeps of a head."""

    _in_head = True
    _received = 0  # bytes since the head began, or since the last of the body: then trailers

    def data_received(self, data: bytes) -> None:
        """Read on, unless it is a head that has gone on for too long, or trailers that have."""
        self._received += len(data)
        super().data_received(data)
        if self._received > HEAD_LIMIT and not self.transport.is_closing():
            if self._in_head:
                self._refuse()
            else:
                self.transport.close()  # an answer may have begun

    def on_headers_complete(self) -> None:
        """Go on to the body, unless the head that came at once was too long."""
        self._in_head = False
        if self._received > HEAD_LIMIT and self._length() > HEAD_LIMIT:
            self._refuse()
            raise ValueError("the head is too long")  # which stops the parser
        self._received = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count anew: whoever reads the body has a limit for it."""
        self._received = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._in_head, self._received = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, if it has not been refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _length(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _refuse(self) -> None:
        self.transport.write(_REFUSAL)
        self.transport.close()
