"""Everything an installation can set, from `LOOKFORS_…` environment variables (`LOOKFORS_LIMITS__UPLOAD_BYTES=…`).

Nothing here has a secret default: sessions and links are random and stored hashed, and S3 credentials are read
from the usual `AWS_…` variables by the object store itself.
"""

import sys
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

GIB = 1024**3


class Limits(BaseModel):
    """What an upload may be, and what the service keeps free for itself."""

    upload_bytes: int = Field(default=8 * GIB, gt=0)
    duration_s: float = Field(default=4 * 3600.0, gt=0)
    disk_reserve_bytes: int = Field(default=1 * GIB, ge=0)  # free space no upload may eat into
    upload_expiry: timedelta = timedelta(days=2)  # an upload nobody finished or submitted


class Sessions(BaseModel):
    idle: timedelta = timedelta(days=7)
    absolute: timedelta = timedelta(days=30)
    link_expiry: timedelta = timedelta(days=2)


class Worker(BaseModel):
    """How submissions are prepared."""

    stage_command: tuple[str, ...] = (sys.executable, "-m", "inference.stage")
    concurrency: int = Field(default=1, gt=0)  # submissions at once per worker
    attempts: int = Field(default=4, gt=0)  # tries of a step that fails before it is given up
    interruptions: int = Field(default=12, gt=0)  # times a step may take its worker down before it is given up
    backoff_s: float = Field(default=2.0, ge=0)  # wait before the second try; doubles each time
    step_timeout: timedelta = timedelta(hours=6)
    beat_s: float = Field(default=3.0, gt=0)
    lease_s: float = Field(default=10.0, gt=0)  # a worker silent for this long is taken for dead
    poll_s: float = Field(default=0.5, gt=0)  # how soon a new submission is noticed
    keep_work: timedelta = timedelta(days=7)  # working files of a submission that may still be retried


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="LOOKFORS_", env_nested_delimiter="__", extra="ignore", validate_default=True
    )

    data: Path = Path("var")  # database, objects, uploads and working files, unless the URLs below say otherwise
    database_url: str | None = None  # SQLAlchemy URL; SQLite in `data` by default
    objects_url: str | None = None  # s3://bucket/prefix; a folder in `data` by default
    public_url: str | None = None  # as browsers see the service; needed behind a proxy that rewrites Host
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    web_dist: Path = Path(__file__).resolve().parent.parent / "web" / "dist"
    sample: Path = Path(__file__).resolve().parent.parent / "sample"
    limits: Limits = Limits()
    sessions: Sessions = Sessions()
    worker: Worker = Worker()

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data.resolve() / 'lookfors.db'}"

    @property
    def processing_database(self) -> str:
        """Where the workflow engine keeps its own tables: beside the application's, so that its polling of SQLite
        never waits for a reviewer's save, or in the same PostgreSQL database under the schema `dbos`."""
        if self.database_url is not None and not self.database_url.startswith("sqlite"):
            return self.database_url
        return f"sqlite:///{self.data.resolve() / 'processing.db'}"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url is not None and self.public_url.startswith("https://")
