from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.settings import Settings
from tests.api.running import Program

Start = Callable[..., Program]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    quick = settings.worker.model_copy(
        update={
            "beat_s": 0.5,
            "lease_s": 2.5,
            "poll_s": 0.1,
            "backoff_s": 0.1,
            "attempts": 3,
            "concurrency": 10,
            "settle_s": 0.5,
        }
    )
    return settings.model_copy(update={"worker": quick})


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    started: list[Program] = []

    def make(**changed: Any) -> Program:
        changed_settings = settings.model_copy(update={"worker": settings.worker.model_copy(update=changed)})
        started.append(Program(changed_settings, "worker"))
        return started[-1]

    yield make
    for program in started:
        if program.alive:
            program.kill()
