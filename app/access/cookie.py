"""What a browser carries after signing in: which key it showed, until when, and our mark on both.

The key itself is not in it, so nobody who reads it can call the API; and since it names the key,
revoking that ends it too.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

NAME = "council-feedback-reader"
PATH = "/v1/reports"
LASTS = timedelta(minutes=30)

_VALUE = re.compile(r"(?P<key>[a-z2-7]{16})\.(?P<until>[0-9]{1,12})\.(?P<mark>[A-Za-z0-9_-]{43})")


def value(key_id: str, *, now: datetime, pepper: bytes) -> str:
    """The cookie for whoever has just shown a key."""
    until = int((now + LASTS).timestamp())
    return f"{key_id}.{until}.{_mark(key_id, until, pepper)}"


def key_in(text: str, *, now: datetime, pepper: bytes) -> str | None:
    """The id of the key that was shown; none if the cookie is not ours, or too old."""
    found = _VALUE.fullmatch(text)
    if found is None:
        return None
    key_id, until = found["key"], int(found["until"])
    if not hmac.compare_digest(_mark(key_id, until, pepper), found["mark"]):
        return None
    return key_id if now < datetime.fromtimestamp(until, UTC) else None


def _mark(key_id: str, until: int, pepper: bytes) -> str:
    digest = hmac.digest(pepper, f"sign-in:{key_id}.{until}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")
