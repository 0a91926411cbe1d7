"""How a key looks, `cf_<env>_<id>_<secret>`, and what of it may be kept."""

import hashlib
import hmac
import re
import secrets
from base64 import b32decode, b32encode
from dataclasses import dataclass

_TEXT = re.compile(r"cf_([a-z]{1,16})_([a-z2-7]{16})_([A-Za-z0-9_-]{43})", re.ASCII)
_ID_BYTES = 5
_TAG_BYTES = 5
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A whole key, secret included: shown once when it is made, and otherwise only sent to us."""

    env: str
    id: str
    secret: str

    def __str__(self) -> str:
        return f"cf_{self.env}_{self.id}_{self.secret}"

    def __repr__(self) -> str:
        return f"Key({self.id})"


def new_key(env: str, *, pepper: bytes) -> Key:
    """A key nobody can guess: 256 random bits."""
    drawn = secrets.token_bytes(_ID_BYTES)
    key_id = _base32(drawn + _tag(drawn, pepper))
    return Key(env=env, id=key_id, secret=secrets.token_urlsafe(_SECRET_BYTES))


def parsed(text: str) -> Key | None:
    """A key from its text, or none where the text cannot be one."""
    match = _TEXT.fullmatch(text)
    return None if match is None else Key(*match.groups())


def may_be_ours(key_id: str, *, pepper: bytes) -> bool:
    """Whether this installation may have made an id, so that asking the database is worth it.

    An id ends in a tag only the pepper can make, so that invented ids cost no query.
    """
    drawn = b32decode(key_id.upper())[:_ID_BYTES]
    return hmac.compare_digest(_base32(drawn + _tag(drawn, pepper)), key_id)


def secret_hash(secret: str, *, pepper: bytes) -> bytes:
    """What is kept of a secret. A fast hash is enough: there is nothing to guess in 256 bits."""
    return hmac.digest(pepper, b"secret:" + secret.encode("ascii"), hashlib.sha256)


def _tag(drawn: bytes, pepper: bytes) -> bytes:
    return hmac.digest(pepper, b"id:" + drawn, hashlib.sha256)[:_TAG_BYTES]


def _base32(data: bytes) -> str:
    return b32encode(data).decode("ascii").lower()
