"""Keep that a report which was proposed, and not published, was withdrawn, by whom and why.

Revision: 0004, after 0003.
The release before this one still runs while it is applied, and knows nothing of the table: until
it is gone, it lets out what is withdrawn meanwhile if a second officer confirms it there. Going
back would let out all of it, so that is refused once anything has been withdrawn.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '4s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '60s'"

REFUSE_IF_WITHDRAWN = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM core.publication_withdrawal) THEN
        RAISE EXCEPTION 'proposals have been withdrawn, and are not to be published'
            USING ERRCODE = 'object_in_use';
    END IF;
END
$$
"""


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.create_table(
        "publication_withdrawal",
        sa.Column("publication_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_publication_withdrawal_says_why")),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["core.publication.id"],
            name=op.f("fk_publication_withdrawal_publication_id"),
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publication_withdrawal")),
        schema="core",
    )
    op.execute(
        "CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON core.publication_withdrawal"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()"
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.execute(REFUSE_IF_WITHDRAWN)
    op.drop_table("publication_withdrawal", schema="core")
