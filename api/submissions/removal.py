"""Takes the objects of deleted submissions away."""

from sqlalchemy import select

from api.storage.base import now
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import DeletionRow


def remove_objects(database: Database, objects: ObjectStore, receipt: DeletionRow) -> None:
    objects.delete(item["key"] for item in receipt.objects)
    with database.write() as session:
        session.get_one(DeletionRow, receipt.id).completed_at = now()


def finish_deletions(database: Database, objects: ObjectStore) -> None:
    """Completes what was cut off between rows and objects."""
    with database.read() as session:
        unfinished = session.scalars(select(DeletionRow).where(DeletionRow.completed_at.is_(None))).all()
    for receipt in unfinished:
        remove_objects(database, objects, receipt)
