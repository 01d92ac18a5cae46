"""Everything an installation can set, from `LOOKFORS_…` environment variables (`LOOKFORS_LIMITS__UPLOAD_BYTES=…`).

Nothing here has a secret default: sessions and links are random and stored hashed, and S3 credentials are read
from the usual `AWS_…` variables by the object store itself.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

GIB = 1024**3


class Limits(BaseModel):
    """What an upload may be, and what the service keeps free for itself."""

    upload_bytes: int = Field(default=8 * GIB, gt=0)
    duration_s: float = Field(default=3 * 3600.0, gt=0)
    disk_reserve_bytes: int = Field(default=1 * GIB, ge=0)  # free space no upload may eat into
    upload_expiry: timedelta = timedelta(days=2)  # an upload nobody finished or submitted


class Sessions(BaseModel):
    idle: timedelta = timedelta(days=7)
    absolute: timedelta = timedelta(days=30)
    link_expiry: timedelta = timedelta(days=2)


class Worker(BaseModel):
    """How submissions are prepared."""

    stage_command: tuple[str, ...] = (sys.executable, "-m", "inference.stage")
    # Passed to every stage (inference/options.py). The rubrics say what a video should bring: 20 unedited minutes.
    stage_options: dict[str, Any] = {"rubrics": ["youth-voice", "stem-relevance", "purposeful-questions"]}
    concurrency: int = Field(default=1, gt=0)  # submissions at once per worker
    attempts: int = Field(default=4, gt=0)  # tries of a step that fails before it is given up
    interruptions: int = Field(default=12, gt=0)  # times a step may take its worker down before it is given up
    backoff_s: float = Field(default=2.0, ge=0)  # wait before the second try; doubles each time
    step_timeout: timedelta = timedelta(hours=6)
    beat_s: float = Field(default=3.0, gt=0)
    lease_s: float = Field(default=10.0, gt=0)  # a worker silent for this long is taken for dead
    poll_s: float = Field(default=0.5, gt=0)  # how soon a new submission is noticed
    settle_s: float = Field(default=2.0, ge=0)  # quiet after a correction before evidence is looked for again
    settle_most_s: float = Field(default=15.0, ge=0)  # corrections without a pause do not put it off for longer
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
        if self.database_url is None:
            return f"sqlite:///{self.data.resolve() / 'lookfors.db'}"
        # The usual spelling names no driver; SQLAlchemy would then look for one that is not installed.
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def processing_database(self) -> str:
        """Where the workflow engine keeps its own tables: beside the application's, so that its polling of SQLite
        never waits for a reviewer's save, or in the same PostgreSQL database under the schema `dbos`."""
        if not self.database.startswith("sqlite"):
            return self.database
        return f"sqlite:///{self.data.resolve() / 'processing.db'}"

    @property
    def own_address(self) -> str:
        """Where a browser on this machine finds the service."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"

    @property
    def address_file(self) -> Path:
        """There while the service runs, so that links made beside it name the right port."""
        return self.data / "address"

    @property
    def address(self) -> str:
        """What goes in front of a link's path."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        try:
            return self.address_file.read_text()
        except FileNotFoundError:
            return self.own_address

    @property
    def secure_cookies(self) -> bool:
        return self.public_url is not None and self.public_url.startswith("https://")
