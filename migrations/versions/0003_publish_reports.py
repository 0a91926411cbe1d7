"""Keep what officers write in reports, and reports as they were published, for ever.

Revision: 0003, after 0002.
The release before this one still runs while it is applied, and knows none of these tables. Going
back would take what was published with it, so that is refused once there is something published.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '4s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '60s'"

TABLES = ("report_text", "publication", "publication_confirmation", "publication_file")

REFUSE_IF_PUBLISHED = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM core.publication_confirmation) THEN
        RAISE EXCEPTION 'reports have been published, and are kept for ever'
            USING ERRCODE = 'object_in_use';
    END IF;
END
$$
"""


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.create_table(
        "report_text",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_report_text_says_something")),
        sa.CheckConstraint(
            "place IN ('section', 'figure')", name=op.f("ck_report_text_place_listed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_text")),
        schema="core",
    )
    op.create_index(
        "ix_report_text_place",
        "report_text",
        ["year", "services", "place", "name", "id"],
        unique=False,
        schema="core",
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("cases_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "disclosure IN ('exact', 'public')", name=op.f("ck_publication_disclosure_listed")
        ),
        sa.CheckConstraint(
            "octet_length(cases_sha256) = 32", name=op.f("ck_publication_cases_sha256_length")
        ),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_publication_sha256_length")),
        sa.CheckConstraint("version > 0", name=op.f("ck_publication_version_counts_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_publication_id_proposed_by")),
        sa.UniqueConstraint(
            "year", "services", "version", name=op.f("uq_publication_year_services_version")
        ),
        schema="core",
    )
    op.create_table(
        "publication_confirmation",
        sa.Column("publication_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "lower(confirmed_by) <> lower(proposed_by)",
            name=op.f("ck_publication_confirmation_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["publication_id", "proposed_by"],
            ["core.publication.id", "core.publication.proposed_by"],
            name=op.f("fk_publication_confirmation_publication_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publication_confirmation")),
        schema="core",
    )
    op.create_table(
        "publication_file",
        sa.Column("publication_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "form IN ('html', 'docx', 'xlsx')",
            name=op.f("ck_publication_file_form_listed"),
        ),
        sa.CheckConstraint(
            "octet_length(sha256) = 32", name=op.f("ck_publication_file_sha256_length")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["core.publication.id"],
            name=op.f("fk_publication_file_publication_id"),
        ),
        sa.PrimaryKeyConstraint("publication_id", "form", name=op.f("pk_publication_file")),
        schema="core",
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()"
        )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.execute(REFUSE_IF_PUBLISHED)
    for table in reversed(TABLES):
        op.drop_table(table, schema="core")
