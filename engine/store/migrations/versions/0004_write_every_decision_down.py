"""Write every decision down."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "decision_log",
        sa.Column("spool", sa.String(length=32), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=12), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("operation", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("lacks", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("spool", "place", name=op.f("pk_decision_log")),
    )
    with op.batch_alter_table("decision_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_log_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_decision_log_caller_mode_at"), ["caller", "mode", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_decision_log_subject_at"), ["subject", "at"], unique=False
        )

    op.create_table(
        "decision_spools",
        sa.Column("spool", sa.String(length=32), nullable=False),
        sa.Column("shipped", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("spool", name=op.f("pk_decision_spools")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("shadow", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("per_minute", sa.Integer(), nullable=True))
