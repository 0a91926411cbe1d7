"""${message}.

Revision: ${up_revision}, after ${down_revision or "nothing"}.
The release before this one still runs while it is applied: say here why that is safe.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '4s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '60s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    ${downgrades if downgrades else "pass"}
