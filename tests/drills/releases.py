"""The next releases, made for a rehearsal: this one, with a migration more."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PARTS = ("app", "migrations", "pyproject.toml")

EXPAND = """ALTER TABLE core."case" ADD COLUMN rehearsed text"""
CONTRACT = """ALTER TABLE core."case" DROP COLUMN rehearsed"""
# What a careless migration does: it holds the table while it works.
CARELESS = f"""{EXPAND}; UPDATE core."case" SET rehearsed = ''; SELECT pg_sleep(4)"""

_MIGRATION = '''\
"""A migration of a rehearsal."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in {statement!r}.split("; "):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back in a rehearsal."""
'''


def next_release(folder: Path, statement: str, *, of: Path = ROOT) -> Path:
    """A copy of a release whose one difference is a migration that runs a statement."""
    for part in _PARTS:
        source = of / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / part)
    head = folder / "migrations" / "head.txt"
    before = head.read_text().strip()
    revision = f"{int(before) + 1:04}"
    head.write_text(f"{revision}\n")
    migration = _MIGRATION.format(revision=revision, before=before, statement=statement)
    (folder / "migrations" / "versions" / f"{revision}_rehearse.py").write_text(migration)
    main = folder / "app" / "main.py"
    main.write_text(
        re.sub(r'VERSION = "[^"]*"', f'VERSION = "rehearsal-{revision}"', main.read_text())
    )
    return folder
