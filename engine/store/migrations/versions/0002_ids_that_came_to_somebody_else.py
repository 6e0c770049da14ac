"""Know when an id came to somebody else, and which data is left for the law alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "retention_restrictions",
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("dataset", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=300), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "subject", "dataset", "category", "field", name=op.f("pk_retention_restrictions")
        ),
    )
    with op.batch_alter_table("subject_facts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("created", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "restricted_data", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True
            )
        )
    # What is kept of people says neither yet: the platform is asked again before it is relied on.
    op.execute("UPDATE subject_facts SET observed_at = NULL")
