"""A page as headless Chromium leaves it, without the internet."""

import shutil
import subprocess
from pathlib import Path
from subprocess import CalledProcessError, CompletedProcess, TimeoutExpired

TRIES = 2  # a browser that is started on a busy machine may hang or fall, whatever the page
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--enable-logging=stderr",
)  # fmt: skip


def shown(url: str, folder: Path, *, virtual_seconds: int) -> tuple[str, list[str]]:
    """What the browser makes of a page when its scripts have had their time, and its complaints."""
    done = _opened(url, folder, f"--virtual-time-budget={virtual_seconds * 1000}")
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def _opened(url: str, folder: Path, *options: str, tries: int = TRIES) -> CompletedProcess[str]:
    found = [path for path in map(shutil.which, _NAMES) if path]
    assert found, "this test needs Chromium: apt-get install chromium"
    profile = f"--user-data-dir={folder}/profile-{tries}"
    try:
        return subprocess.run(
            [found[0], *_QUIET, *options, profile, "--dump-dom", url],
            capture_output=True,
            check=True,
            text=True,
            timeout=120,
        )
    except (CalledProcessError, TimeoutExpired):
        if tries == 1:
            raise
        return _opened(url, folder, *options, tries=tries - 1)
