"""Tell people before their data goes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "deletion_notices",
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("rule", "subject_id", name=op.f("pk_deletion_notices")),
    )
    with op.batch_alter_table("deletion_notices", schema=None) as batch_op:
        batch_op.create_index("ix_deletion_notices_at", ["at"], unique=False)
        batch_op.create_index("ix_deletion_notices_state", ["state"], unique=False)
        batch_op.create_index("ix_deletion_notices_subject_id", ["subject_id"], unique=False)
