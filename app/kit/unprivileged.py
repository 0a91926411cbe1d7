"""Whom Postgres runs as, and whether that user can reach a folder.

Postgres refuses to run as root. Then it runs as the owner of its data, at first `nobody`, and
everything it needs lies where that user can already reach it: no folder's permissions are opened.
"""

import os
import pwd
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

STATE = Path("/var/lib/council-feedback")


class As(TypedDict, total=False):
    """The part of `subprocess` arguments that says who runs the program."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Runner:
    """The user Postgres runs as: ourselves, unless we are root."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether no change of user is needed."""
        return self.uid == os.geteuid()

    @property
    def arguments(self) -> As:
        """What to hand to `subprocess`."""
        if self.is_us:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> bool:
        """Whether every folder down to this one lets the user through."""
        return self.is_us or all(
            self.may_pass(place.stat(), stat.S_IXUSR) for place in (folder, *folder.parents)
        )

    def may_read(self, path: Path) -> bool:
        """Whether the user can reach a file and read it."""
        return self.may_enter(path.parent) and (
            self.is_us or self.may_pass(path.stat(), stat.S_IRUSR)
        )

    def may_pass(self, status: os.stat_result, right: int) -> bool:
        """Whether the user has a right, given as the owner's bit, where permissions say so."""
        if status.st_uid == self.uid:
            return bool(status.st_mode & right)
        if status.st_gid == self.gid:
            return bool(status.st_mode & right >> 3)
        return bool(status.st_mode & right >> 6)

    def take(self, path: Path) -> None:
        """Make the user the owner of something we have just made."""
        if not self.is_us:
            os.chown(path, self.uid, self.gid)


def runner_for(home: Path | None) -> Runner:
    """Who runs Postgres: as root, whoever owns its home already, or else `nobody`."""
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid())
    if home is not None and home.exists() and (owner := home.stat()).st_uid != 0:
        return Runner(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Runner(nobody.pw_uid, nobody.pw_gid)


def settle(record: Path, wished: Path) -> tuple[Path, Runner]:
    """The home of Postgres, made if need be; `record` remembers where, once and for all."""
    home = Path(record.read_text()) if record.exists() else None
    runner = runner_for(home or wished)
    if home is None:
        home = wished
        if not runner.may_enter(wished.parent):
            home = STATE / secrets.token_hex(6)
        record.write_text(str(home))
    if not home.exists():
        home.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        home.mkdir(mode=0o700)
        runner.take(home)
    return home, runner


def copy_for(runner: Runner, source: Path, target: Path) -> None:
    """Copy a folder of programs to where the user can run them, whole or not at all."""
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(mode=0o700, exist_ok=True)
    runner.take(draft.parent)
    shutil.copytree(source, draft, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            runner.take(path)
    draft.rename(target)
