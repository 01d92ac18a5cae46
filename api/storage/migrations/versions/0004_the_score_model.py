"""The score model's versions.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "score_model",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("rubric_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("reader", sa.JSON(), nullable=False),
        sa.Column("figure", sa.JSON(), nullable=False),
        sa.Column("n_scores", sa.Integer(), nullable=False),
        sa.Column("n_submissions", sa.Integer(), nullable=False),
        sa.Column("rps", sa.Double(), nullable=True),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_score_model_by_id_person")),
        sa.ForeignKeyConstraint(["rubric_hash"], ["rubric.hash"], name=op.f("fk_score_model_rubric_hash_rubric")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_model")),
    )
    with op.batch_alter_table("score_model", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_model_rubric_hash"), ["rubric_hash"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("score_model", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_model_rubric_hash"))
    op.drop_table("score_model")
