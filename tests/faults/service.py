"""The service in a process of its own, loaded ahead and started at a word; or a broken one.

`python -m tests.faults.service [BROKEN]` loads the app, says that it stands by, and serves once a
line comes on its standard input: what a test waits for after a kill is then the start alone, and
not the loading of Python's modules. BROKEN names a module of `tests.faults.broken`, which changes
the app before any of it is in use. Nothing in the app knows of this.

Once that input is shut it stops, and Postgres with it: nothing is left of tests that were killed.
"""

import os
import signal
import sys
import threading
from importlib import import_module

STANDING_BY = "standing by"


def stop_when_alone() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    for broken in sys.argv[1:]:
        import_module(f"tests.faults.broken.{broken}")
    import_module("app.main")
    cli = import_module("app.cli")
    sys.stdout.write(f"{STANDING_BY}\n")
    sys.stdout.flush()
    if sys.stdin.readline():
        threading.Thread(target=stop_when_alone, daemon=True).start()
        sys.argv[1:] = ["serve"]
        cli.main()


if __name__ == "__main__":
    main()
