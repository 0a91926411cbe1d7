"""Broken on purpose: the first answer to an intake is read without a lock to its row."""

from app.intake import commands

_LOCKING = "FOR KEY SHARE"
assert _LOCKING in commands._FIRST_ANSWER
vars(commands)["_FIRST_ANSWER"] = commands._FIRST_ANSWER.replace(_LOCKING, "")
