"""How long a page may be, and its cursor. Pure: shapes of what goes over the wire may use it."""

from typing import Annotated

from pydantic import StringConstraints

DEFAULT_LIMIT = 50
MOST_ITEMS = 200

CursorText = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
