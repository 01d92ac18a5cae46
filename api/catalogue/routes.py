from importlib.metadata import version

from fastapi import APIRouter
from sqlalchemy import select

from api.auth.access import PUBLIC, SignedIn
from api.catalogue.schemas import (
    AboutRead,
    CodeRead,
    HealthRead,
    IndicatorRead,
    ModelRead,
    RubricBrief,
    RubricRead,
    UploadLimits,
)
from api.corrections.renewals import PART
from api.deps import ReadSession, SettingsDep
from api.errors import NotFound
from api.processing import lease
from api.storage.tables import AnnotationRow
from model.indicators import Indicator, codes_of
from model.rubric_pack import shipped_rubrics

router = APIRouter(tags=["catalogue"])


@router.get("/health", dependencies=[PUBLIC])
def read_health() -> HealthRead:
    return HealthRead(status="ok", version=version("lookfors"))


@router.get("/indicators")
def list_indicators(me: SignedIn) -> list[IndicatorRead]:
    """The look-fors and the kinds of talk that count for each."""
    return [
        IndicatorRead(
            id=indicator,
            label=indicator.label,
            codes=[
                CodeRead(id=code.id, label=code.label, definition=code.definition, said_by=list(code.said_by))
                for code in codes_of(indicator)
            ],
        )
        for indicator in Indicator
    ]


@router.get("/rubrics")
def list_rubrics(me: SignedIn) -> list[RubricBrief]:
    return [RubricBrief.model_validate(rubric) for rubric in shipped_rubrics()]


@router.get("/rubrics/{rubric_id}")
def read_rubric(rubric_id: str, me: SignedIn) -> RubricRead:
    for rubric in shipped_rubrics():
        if rubric.id == rubric_id:
            return RubricRead.model_validate(rubric)
    raise NotFound("rubric.none", "There is no such rubric here.", "Choose one from the list of rubrics.")


@router.get("/about")
def read_about(me: SignedIn, session: ReadSession, settings: SettingsDep) -> AboutRead:
    newest = session.scalars(select(AnnotationRow.versions).order_by(AnnotationRow.id.desc()).limit(1)).first()
    return AboutRead(
        version=version("lookfors"),
        licence="Apache-2.0",
        models=[ModelRead.model_validate(entry) for entry in newest or () if entry["part"] != PART],
        limits=UploadLimits(bytes=settings.limits.upload_bytes, duration_s=settings.limits.duration_s),
        workers=len(lease.alive(session, lease_s=settings.worker.lease_s)),
    )
