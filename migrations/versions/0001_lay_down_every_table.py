"""Lay down every table: `core` holds no name, `pii` people and their words, `audit` what was done.

Revision: 0001, after nothing. It runs on an empty database, so nothing else is using it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateSequence

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '4s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '60s'"

SCHEMAS = ("core", "pii", "audit", "ops")
INSERT_ONLY = ("audit.entry", "audit.disclosure")

# Raised for every role, the owner included: what was done is never rewritten.
REFUSE = """
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is insert-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA {schema}")
    op.execute(CreateSequence(sa.Sequence("case_id_seq", schema="core", start=100_001)))
    op.create_table(
        "disclosure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        schema="audit",
    )
    op.create_index(
        "ix_disclosure_case_id", "disclosure", ["case_id"], unique=False, schema="audit"
    )
    op.create_table(
        "calendar_version",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("covers_until > covers_from", name=op.f("ck_calendar_version_period")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendar_version")),
        schema="core",
    )
    op.create_table(
        "category",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_category_period")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_category")),
        schema="core",
    )
    op.create_table(
        "council",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("acknowledge_within", sa.Integer(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_council_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council")),
        schema="core",
    )
    op.create_table(
        "directorate",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_directorate_period")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_directorate")),
        schema="core",
    )
    op.create_table(
        "procedure",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_procedure")),
        schema="core",
    )
    op.create_table(
        "remedy_kind",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ombudsman_group", sa.Text(), nullable=False),
        sa.Column("financial", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_remedy_kind")),
        schema="core",
    )
    op.create_table(
        "source_system",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("collects_from", sa.Date(), nullable=False),
        sa.Column("collects_until", sa.Date(), nullable=True),
        sa.Column("collects_channel", sa.Boolean(), nullable=False),
        sa.Column("reallocates_type", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "collects_until IS NULL OR collects_until > collects_from",
            name=op.f("ck_source_system_period"),
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_source_system")),
        schema="core",
    )
    op.create_table(
        "team",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_team_period")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_team")),
        schema="core",
    )
    op.create_table(
        "client",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_client_may_do_something")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_client")),
        schema="ops",
    )
    op.create_table(
        "idempotency",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("client", "operation", "key", name=op.f("pk_idempotency")),
        schema="ops",
    )
    op.create_index(
        op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False, schema="ops"
    )
    op.create_table(
        "bank_holiday",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["core.calendar_version.version"], name=op.f("fk_bank_holiday_version")
        ),
        sa.PrimaryKeyConstraint("version", "day", name=op.f("pk_bank_holiday")),
        schema="core",
    )
    op.create_table(
        "procedure_version",
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "until IS NULL OR until > since", name=op.f("ck_procedure_version_period")
        ),
        sa.ForeignKeyConstraint(
            ["procedure"], ["core.procedure.slug"], name=op.f("fk_procedure_version_procedure")
        ),
        sa.PrimaryKeyConstraint("procedure", "since", name=op.f("pk_procedure_version")),
        schema="core",
    )
    op.create_table(
        "reference_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("calendar_version", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reference_version_only_one")),
        sa.ForeignKeyConstraint(
            ["calendar_version"],
            ["core.calendar_version.version"],
            name=op.f("fk_reference_version_calendar_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_version")),
        schema="core",
    )
    op.create_table(
        "service",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("directorate", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_service_period")),
        sa.ForeignKeyConstraint(
            ["directorate"], ["core.directorate.slug"], name=op.f("fk_service_directorate")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_service")),
        schema="core",
    )
    op.create_table(
        "team_lineage",
        sa.Column("predecessor", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "basis IN ('published', 'assumed')", name=op.f("ck_team_lineage_basis_listed")
        ),
        sa.CheckConstraint(
            "kind IN ('renamed', 'merged', 'split')", name=op.f("ck_team_lineage_kind_listed")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor"], ["core.team.slug"], name=op.f("fk_team_lineage_predecessor")
        ),
        sa.ForeignKeyConstraint(
            ["successor"], ["core.team.slug"], name=op.f("fk_team_lineage_successor")
        ),
        sa.PrimaryKeyConstraint("predecessor", "successor", name=op.f("pk_team_lineage")),
        schema="core",
    )
    op.create_table(
        "team_listing",
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_system"],
            ["core.source_system.slug"],
            name=op.f("fk_team_listing_source_system"),
        ),
        sa.ForeignKeyConstraint(["team"], ["core.team.slug"], name=op.f("fk_team_listing_team")),
        sa.PrimaryKeyConstraint("source_system", "team", name=op.f("pk_team_listing")),
        schema="core",
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "expires_at > created_at", name=op.f("ck_api_key_expires_after_it_is_made")
        ),
        sa.CheckConstraint(
            "octet_length(secret_hash) = 32", name=op.f("ck_api_key_secret_hash_length")
        ),
        sa.ForeignKeyConstraint(["client"], ["ops.client.slug"], name=op.f("fk_api_key_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        schema="ops",
    )
    op.create_index("ix_api_key_client", "api_key", ["client"], unique=False, schema="ops")
    op.create_table(
        "activity",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_activity_period")),
        sa.ForeignKeyConstraint(
            ["service"], ["core.service.slug"], name=op.f("fk_activity_service")
        ),
        sa.PrimaryKeyConstraint("service", "measure", "since", name=op.f("pk_activity")),
        schema="core",
    )
    op.create_table(
        "case",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "reference",
            sa.Text(),
            sa.Computed(
                "'CF-' || id::text || '-' || lpad((98 - (id * 100) % 97)::text, 2, '0')",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("type_at_receipt", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("procedure", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("system_of_record", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("migrated_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_from", sa.Date(), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("safeguarding", sa.Boolean(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closure", sa.Text(), nullable=True),
        sa.Column("no_finding_reason", sa.Text(), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=True),
        sa.Column("set_aside", sa.Text(), nullable=True),
        sa.Column("set_aside_on", sa.Date(), nullable=True),
        sa.Column("client", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('closed', 'void')) = (closed_on IS NOT NULL)",
            name=op.f("ck_case_closed_day"),
        ),
        sa.CheckConstraint(
            "channel IN ('portal', 'phone', 'email', 'post')", name=op.f("ck_case_channel_listed")
        ),
        sa.CheckConstraint(
            "closure IN ('withdrawn', 'question_answered', 'no_finding', 'refused', 'reclassified', 'completed')",
            name=op.f("ck_case_closure_listed"),
        ),
        sa.CheckConstraint(
            "no_finding_reason IN ('resolved_early', 'outside_complaints_process', 'closed_without_record', 'concurrent_proceedings')",
            name=op.f("ck_case_no_finding_reason_listed"),
        ),
        sa.CheckConstraint(
            "refusal_reason IN ('out_of_time', 'already_considered', 'no_sufficient_interest', 'legal_proceedings', 'other_route')",
            name=op.f("ck_case_refusal_reason_listed"),
        ),
        sa.CheckConstraint(
            "refusal_reason IS NULL OR closure = 'refused'", name=op.f("ck_case_refusal")
        ),
        sa.CheckConstraint(
            "set_aside IN ('void', 'not_feedback')", name=op.f("ck_case_set_aside_listed")
        ),
        sa.CheckConstraint(
            "status IN ('received', 'recorded', 'in_stage', 'answered', 'escalation_requested', 'closed', 'void')",
            name=op.f("ck_case_status_listed"),
        ),
        sa.CheckConstraint(
            "type IN ('complaint', 'comment', 'compliment')", name=op.f("ck_case_type_listed")
        ),
        sa.CheckConstraint(
            "type_at_receipt IN ('complaint', 'comment', 'compliment')",
            name=op.f("ck_case_type_at_receipt_listed"),
        ),
        sa.CheckConstraint(
            "(acknowledged_on IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("ck_case_acknowledged_how"),
        ),
        sa.CheckConstraint(
            "(set_aside IS NULL) = (set_aside_on IS NULL)", name=op.f("ck_case_set_aside_day")
        ),
        sa.CheckConstraint(
            "migrated_on IS NULL OR migrated_on = registered_on", name=op.f("ck_case_migrated_day")
        ),
        sa.CheckConstraint(
            "received_on <= registered_on", name=op.f("ck_case_received_before_registered")
        ),
        sa.ForeignKeyConstraint(
            ["category"], ["core.category.slug"], name=op.f("fk_case_category")
        ),
        sa.ForeignKeyConstraint(
            ["procedure"], ["core.procedure.slug"], name=op.f("fk_case_procedure")
        ),
        sa.ForeignKeyConstraint(["service"], ["core.service.slug"], name=op.f("fk_case_service")),
        sa.ForeignKeyConstraint(
            ["system_of_record"], ["core.source_system.slug"], name=op.f("fk_case_system_of_record")
        ),
        sa.ForeignKeyConstraint(["team"], ["core.team.slug"], name=op.f("fk_case_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_case_reference")),
        schema="core",
    )
    op.create_index("ix_case_received_on", "case", ["received_on"], unique=False, schema="core")
    op.create_index(
        "ix_case_registered_on",
        "case",
        ["registered_on", "service", "type"],
        unique=False,
        schema="core",
    )
    op.create_index("ix_case_status", "case", ["status", "id"], unique=False, schema="core")
    op.create_table(
        "procedure_stage",
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("procedure_since", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("clock_starts", sa.Text(), nullable=False),
        sa.Column("respond_within", sa.Integer(), nullable=True),
        sa.Column("extend_by_at_most", sa.Integer(), nullable=False),
        sa.Column("request_within", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "clock_starts IN ('receipt', 'acknowledgement', 'request', 'acceptance')",
            name=op.f("ck_procedure_stage_clock_starts_listed"),
        ),
        sa.CheckConstraint(
            "extend_by_at_most >= 0", name=op.f("ck_procedure_stage_extend_by_not_negative")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 3", name=op.f("ck_procedure_stage_number_range")),
        sa.CheckConstraint(
            "respond_within > 0", name=op.f("ck_procedure_stage_respond_within_positive")
        ),
        sa.ForeignKeyConstraint(
            ["procedure", "procedure_since"],
            ["core.procedure_version.procedure", "core.procedure_version.since"],
            name=op.f("fk_procedure_stage_procedure_procedure_since"),
        ),
        sa.PrimaryKeyConstraint(
            "procedure", "procedure_since", "number", name=op.f("pk_procedure_stage")
        ),
        schema="core",
    )
    op.create_table(
        "team_placement",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_team_placement_period")),
        sa.ForeignKeyConstraint(
            ["service"], ["core.service.slug"], name=op.f("fk_team_placement_service")
        ),
        sa.ForeignKeyConstraint(["team"], ["core.team.slug"], name=op.f("fk_team_placement_team")),
        sa.PrimaryKeyConstraint("team", "since", name=op.f("pk_team_placement")),
        schema="core",
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_entry_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        schema="audit",
    )
    op.create_index(
        "uq_entry_case_version", "entry", ["case_id", "version"], unique=True, schema="audit"
    )
    op.create_table(
        "case_system",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_case_system_case_id")),
        sa.ForeignKeyConstraint(
            ["system"], ["core.source_system.slug"], name=op.f("fk_case_system_system")
        ),
        sa.PrimaryKeyConstraint("system", "reference", name=op.f("pk_case_system")),
        schema="core",
    )
    op.create_index(
        "ix_case_system_case_id", "case_system", ["case_id"], unique=False, schema="core"
    )
    op.create_table(
        "escalation",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("to_stage", sa.Integer(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('accepted', 'refused', 'resolved', 'withdrawn')",
            name=op.f("ck_escalation_decision_listed"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_on IS NULL)",
            name=op.f("ck_escalation_decision_has_a_day"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_escalation_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_escalation")),
        schema="core",
    )
    op.create_index(
        "uq_escalation_open",
        "escalation",
        ["case_id"],
        unique=True,
        schema="core",
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_table(
        "stage",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("procedure_since", sa.Date(), nullable=False),
        sa.Column("calendar_version", sa.Text(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("respond_within", sa.Integer(), nullable=True),
        sa.Column("base_due_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("closure", sa.Text(), nullable=True),
        sa.Column("no_finding_reason", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("working_days_taken", sa.Integer(), nullable=True),
        sa.Column("within_target", sa.Boolean(), nullable=True),
        sa.Column("timescale_excluded", sa.Text(), nullable=True),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(coalesce(closure, '') = 'no_finding') = (no_finding_reason IS NOT NULL)",
            name=op.f("ck_stage_no_finding_reason_given"),
        ),
        sa.CheckConstraint(
            "closure IN ('withdrawn', 'question_answered', 'no_finding', 'refused', 'reclassified', 'completed')",
            name=op.f("ck_stage_closure_listed"),
        ),
        sa.CheckConstraint(
            "finding IN ('upheld', 'partially_upheld', 'not_upheld')",
            name=op.f("ck_stage_finding_listed"),
        ),
        sa.CheckConstraint(
            "no_finding_reason IN ('resolved_early', 'outside_complaints_process', 'closed_without_record', 'concurrent_proceedings')",
            name=op.f("ck_stage_no_finding_reason_listed"),
        ),
        sa.CheckConstraint(
            "timescale_excluded IN ('migrated')", name=op.f("ck_stage_timescale_excluded_listed")
        ),
        sa.CheckConstraint(
            "verdict IN ('within_target', 'within_extension', 'late', 'no_limit')",
            name=op.f("ck_stage_verdict_listed"),
        ),
        sa.CheckConstraint(
            "(closed_on IS NOT NULL) = (finding IS NOT NULL OR closure IS NOT NULL)",
            name=op.f("ck_stage_ending_has_a_day"),
        ),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (verdict IS NULL) AND (closed_on IS NULL) = (working_days_taken IS NULL)",
            name=op.f("ck_stage_ending_is_settled"),
        ),
        sa.CheckConstraint(
            "closed_on IS NULL OR closed_on >= started_on", name=op.f("ck_stage_closed_after_start")
        ),
        sa.CheckConstraint("finding IS NULL OR closure IS NULL", name=op.f("ck_stage_one_ending")),
        sa.CheckConstraint("number BETWEEN 1 AND 3", name=op.f("ck_stage_number_range")),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_stage_case_id")),
        sa.ForeignKeyConstraint(
            ["procedure"], ["core.procedure.slug"], name=op.f("fk_stage_procedure")
        ),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_stage")),
        schema="core",
    )
    op.create_index(
        "ix_stage_closed_on", "stage", ["closed_on", "number"], unique=False, schema="core"
    )
    op.create_index(
        "ix_stage_started_on", "stage", ["started_on", "number"], unique=False, schema="core"
    )
    op.create_table(
        "standing",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("stage", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('received', 'recorded', 'in_stage', 'answered', 'escalation_requested', 'closed', 'void')",
            name=op.f("ck_standing_status_listed"),
        ),
        sa.CheckConstraint(
            "type IN ('complaint', 'comment', 'compliment')", name=op.f("ck_standing_type_listed")
        ),
        sa.CheckConstraint(
            "until IS NULL OR until >= since", name=op.f("ck_standing_ends_after_it_starts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_standing_case_id")),
        sa.ForeignKeyConstraint(
            ["category"], ["core.category.slug"], name=op.f("fk_standing_category")
        ),
        sa.ForeignKeyConstraint(
            ["procedure"], ["core.procedure.slug"], name=op.f("fk_standing_procedure")
        ),
        sa.ForeignKeyConstraint(
            ["service"], ["core.service.slug"], name=op.f("fk_standing_service")
        ),
        sa.ForeignKeyConstraint(["team"], ["core.team.slug"], name=op.f("fk_standing_team")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_standing")),
        schema="core",
    )
    op.create_index(
        "ix_standing_since", "standing", ["since", "until"], unique=False, schema="core"
    )
    op.create_index(
        "uq_standing_current",
        "standing",
        ["case_id"],
        unique=True,
        schema="core",
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "narrative",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("desired_outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_narrative_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_narrative")),
        schema="pii",
    )
    op.create_table(
        "person",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("phone_key", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "consent IN ('not_needed', 'to_be_checked', 'given', 'refused', 'sufficient_interest')",
            name=op.f("ck_person_consent_listed"),
        ),
        sa.CheckConstraint(
            "role IN ('complainant', 'affected_child', 'affected_adult', 'representative', 'advocate')",
            name=op.f("ck_person_role_listed"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_person_case_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_person")),
        schema="pii",
    )
    op.create_index("ix_person_email_key", "person", ["email_key"], unique=False, schema="pii")
    op.create_index("ix_person_phone_key", "person", ["phone_key"], unique=False, schema="pii")
    op.create_table(
        "remark",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["core.case.id"], name=op.f("fk_remark_case_id")),
        sa.PrimaryKeyConstraint("case_id", "version", name=op.f("pk_remark")),
        schema="pii",
    )
    op.create_table(
        "extension",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.CheckConstraint("working_days > 0", name=op.f("ck_extension_adds_days")),
        sa.ForeignKeyConstraint(
            ["case_id", "stage"],
            ["core.stage.case_id", "core.stage.number"],
            name=op.f("fk_extension_case_id_stage"),
        ),
        sa.PrimaryKeyConstraint("case_id", "stage", "seq", name=op.f("pk_extension")),
        schema="core",
    )
    op.create_table(
        "remedy",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.CheckConstraint("pence IS NULL OR pence > 0", name=op.f("ck_remedy_pence_positive")),
        sa.ForeignKeyConstraint(
            ["case_id", "stage"],
            ["core.stage.case_id", "core.stage.number"],
            name=op.f("fk_remedy_case_id_stage"),
        ),
        sa.ForeignKeyConstraint(["kind"], ["core.remedy_kind.slug"], name=op.f("fk_remedy_kind")),
        sa.PrimaryKeyConstraint("case_id", "stage", "seq", name=op.f("pk_remedy")),
        schema="core",
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines_read", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("linked", sa.Integer(), nullable=False),
        sa.Column("differs", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "format IN ('json_lines', 'flat_csv')", name=op.f("ck_import_run_format_listed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        schema="ops",
    )
    op.create_index(
        "ix_import_run_digest",
        "import_run",
        ["digest"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "imported_case",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["core.case.id"], name=op.f("fk_imported_case_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["ops.import_run.id"], name=op.f("fk_imported_case_run_id")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_imported_case")),
        schema="ops",
    )
    op.create_index(
        "ix_imported_case_run_id", "imported_case", ["run_id"], unique=False, schema="ops"
    )
    op.create_table(
        "import_reject",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("names", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "result IN ('differs', 'refused')", name=op.f("ck_import_reject_result_listed")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["ops.import_run.id"], name=op.f("fk_import_reject_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "line_number", name=op.f("pk_import_reject")),
        schema="pii",
    )
    op.create_index(
        "ix_import_reject_names",
        "import_reject",
        ["names"],
        unique=False,
        schema="pii",
        postgresql_using="gin",
    )
    op.create_index(
        "ix_import_reject_digest", "import_reject", ["digest"], unique=False, schema="pii"
    )
    op.execute(REFUSE)
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()"
        )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    for schema in reversed(SCHEMAS):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
