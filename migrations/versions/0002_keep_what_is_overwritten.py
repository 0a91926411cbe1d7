"""Keep what an act overwrites, so that a figure can be asked as at any day.

Revision: 0002, after 0001.
The release before this one still runs while it is applied: it neither reads nor writes the table,
and what it overwrites meanwhile is what it always lost.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '4s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '60s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.create_table(
        "overwritten",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "part IN ('case', 'stage', 'remedy')", name=op.f("ck_overwritten_part_listed")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_overwritten_case_id")),
        sa.PrimaryKeyConstraint("case_id", "version", "seq", name=op.f("pk_overwritten")),
        schema="core",
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.drop_table("overwritten", schema="core")
