"""The embedded database as SQL, to move it to a server of one's own."""

import os
import shutil
import subprocess
from itertools import islice
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from app.kit.embedded import Embedded
from app.kit.postmaster import CannotRun

_HEADER_LINES = 40
_TOO_NEW = b"SET transaction_timeout"  # older servers than 17, which we serve on, do not know it


def write(own: Embedded, file: Path) -> None:
    """Write everything into a new file that only its owner may read, whole or not at all."""
    try:
        opened = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise CannotRun(f"Cannot write {file}: {error.strerror}.") from None
    try:
        with os.fdopen(opened, "wb") as written:
            _write(own, written)
    except BaseException:
        file.unlink()
        raise


def _write(own: Embedded, written: IO[bytes]) -> None:
    url = urlsplit(own.url)
    address = urlunsplit(url._replace(netloc=f"{url.username}@"))
    with subprocess.Popen(  # noqa: S603  # our own program and arguments
        [
            own.programs / "pg_dump",
            "--no-owner",
            "--no-privileges",
            f"--dbname={address}",
        ],
        stdout=subprocess.PIPE,
        env={**os.environ, "PGPASSWORD": url.password or ""},
    ) as dumping:
        said: Any = dumping.stdout
        header = islice(said, _HEADER_LINES)
        written.writelines(line for line in header if not line.startswith(_TOO_NEW))
        shutil.copyfileobj(said, written)
    if dumping.returncode:
        raise CannotRun("pg_dump failed, for the reason it gave above; nothing was written.")
