"""Removing a submission for good, with a receipt."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.person import Person
from api.deps import Services
from api.storage.changes import next_change
from api.storage.desk_tables import AssignmentRow
from api.storage.tables import DeletionRow, RunRow
from api.submissions.removal import remove_objects
from api.submissions.schemas import DeletedObject, DeletionReceipt
from api.submissions.service import of_this_person


def delete_for_good(services: Services, submission_id: str, *, person: Person) -> DeletionReceipt:
    """Rows first, in one transaction with the receipt, then objects.

    Were the objects removed first, a failure between the two would leave a submission without its video. This way
    round it leaves a receipt without its end, which a worker completes.
    """
    with services.database.write() as session:
        receipt = _remove_rows(session, submission_id, person=person)
    remove_objects(services.database, services.objects, receipt)
    return DeletionReceipt(
        id=receipt.submission_id,
        deleted_at=receipt.deleted_at,
        objects=[DeletedObject(kind=item["kind"], size=item["size"]) for item in receipt.objects],
    )


def _remove_rows(session: Session, submission_id: str, *, person: Person) -> DeletionRow:
    row = of_this_person(session, submission_id, person)
    # Locked as by reviewers and workers, their rows first, then the counter: of two that wait for each other one fails.
    of_it = (
        select(AssignmentRow.id).where(AssignmentRow.submission_id == row.id).order_by(AssignmentRow.id),
        select(RunRow.id).where(RunRow.submission_id == row.id).order_by(RunRow.number.desc()),  # as `retry`
    )
    for statement in of_it:
        session.execute(statement.with_for_update())
    receipt = DeletionRow(
        submission_id=row.id,
        owner_id=row.uploaded_by_id,
        deleted_by_id=person.id,
        objects=[{"kind": item.kind.value, "key": item.key, "size": item.size} for item in row.objects],
        change=next_change(session),
    )
    session.add(receipt)
    session.delete(row)
    session.flush()
    return receipt
