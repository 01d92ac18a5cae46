"""What the score model left behind: every fit is kept, and the newest one that was not worse is in use."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.storage.base import Base, Id, new_id, now


class ScoreModelRow(Base):
    """One fit, under codes. `replaced` False: it was worse than the one before, which stays in use."""

    __tablename__ = "score_model"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    rubric_hash: Mapped[str] = mapped_column(ForeignKey("rubric.hash"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    version: Mapped[str] = mapped_column(String(64))  # hash of everything that shapes an answer
    document: Mapped[dict[str, Any]]  # format lookfors.scores/1
    reader: Mapped[dict[str, Any]]  # how second reads follow first ones
    figure: Mapped[dict[str, Any]]  # its reliability as the agreement page shows it
    n_scores: Mapped[int]
    n_submissions: Mapped[int]
    rps: Mapped[float | None]  # cross-fitted
    replaced: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)  # what the refit came to, in sentences
