"""Corrections of the transcript, and evidence looked for again

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('annotation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('base_id', sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column('corrections', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.create_foreign_key(batch_op.f('fk_annotation_base_id_annotation'), 'annotation', ['base_id'], ['id'])

    # A moment found again keeps its id, so an id alone no longer names a row.
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_constraint('pk_evidence', type_='primary')
        batch_op.create_primary_key('pk_evidence', ['id', 'annotation_id'])

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('opened_on_id', sa.String(length=36), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f('fk_assignment_opened_on_id_annotation'), 'annotation', ['opened_on_id'], ['id']
        )
    op.execute('UPDATE assignment SET opened_on_id = annotation_id')

    with op.batch_alter_table('act', schema=None) as batch_op:
        batch_op.add_column(sa.Column('annotation_id', sa.String(length=36), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f('fk_act_annotation_id_annotation'), 'annotation', ['annotation_id'], ['id'], ondelete='CASCADE'
        )
    op.execute(
        'UPDATE act SET annotation_id = '
        '(SELECT assignment.annotation_id FROM assignment WHERE assignment.id = act.assignment_id)'
    )

    # Nothing has written to this table yet.
    op.drop_table('correction')
    op.create_table('correction',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('submission_id', sa.String(length=36), nullable=False),
    sa.Column('annotation_id', sa.String(length=36), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=True),
    sa.Column('targets', sa.JSON(), nullable=False),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('undoes', sa.String(length=36), nullable=True),
    sa.Column('by_id', sa.String(length=36), nullable=False),
    sa.Column('client_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['annotation_id'], ['annotation.id'], name=op.f('fk_correction_annotation_id_annotation')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_correction_by_id_person')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_correction_submission_id_submission'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['undoes'], ['correction.id'], name=op.f('fk_correction_undoes_correction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction')),
    sa.UniqueConstraint('submission_id', 'seq', name=op.f('uq_correction_submission_id_seq')),
    sa.UniqueConstraint('undoes', name=op.f('uq_correction_undoes'))
    )
    op.create_table('renewal',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('submission_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('message', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_renewal_submission_id_submission'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_renewal'))
    )
    with op.batch_alter_table('renewal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_renewal_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_renewal_submission_id'), ['submission_id'], unique=False)
        batch_op.create_index('uq_renewal_wanted', ['submission_id'], unique=True, sqlite_where=sa.text("state = 'wanted'"), postgresql_where=sa.text("state = 'wanted'"))


def downgrade() -> None:
    op.drop_table('renewal')
    op.drop_table('correction')
    op.create_table('correction',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('submission_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('target', sa.String(length=100), nullable=False),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('by_id', sa.String(length=36), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_correction_by_id_person')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_correction_submission_id_submission'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.create_index('ix_correction_of', ['submission_id', 'kind', 'target'], unique=False)
    with op.batch_alter_table('act', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_act_annotation_id_annotation'), type_='foreignkey')
        batch_op.drop_column('annotation_id')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_assignment_opened_on_id_annotation'), type_='foreignkey')
        batch_op.drop_column('opened_on_id')
    op.execute('DELETE FROM evidence WHERE annotation_id IN (SELECT id FROM annotation WHERE base_id IS NOT NULL)')
    op.execute('DELETE FROM measure WHERE annotation_id IN (SELECT id FROM annotation WHERE base_id IS NOT NULL)')
    op.execute(
        'UPDATE assignment SET annotation_id = (SELECT base_id FROM annotation WHERE annotation.id = annotation_id) '
        'WHERE annotation_id IN (SELECT id FROM annotation WHERE base_id IS NOT NULL)'
    )
    op.execute('DELETE FROM annotation WHERE base_id IS NOT NULL')
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_constraint('pk_evidence', type_='primary')
        batch_op.create_primary_key('pk_evidence', ['id'])
    with op.batch_alter_table('annotation', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_annotation_base_id_annotation'), type_='foreignkey')
        batch_op.drop_column('corrections')
        batch_op.drop_column('base_id')
