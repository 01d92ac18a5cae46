"""The background's work done in this process: a child costs seconds to start. A test of its own has a real one."""

import json
from dataclasses import replace

from fastapi import FastAPI

from api.agreement.__main__ import run
from api.agreement.background import Background, Job, Result


class Here:
    """What goes in and what comes out passes through JSON, as on its way to a child."""

    def __call__(self, job: Job) -> Result:
        done: Result = json.loads(json.dumps(run(json.loads(json.dumps(job))), allow_nan=False))
        return done

    def close(self) -> None: ...


def computing_here(app: FastAPI) -> FastAPI:
    app.state.services.background.close()
    app.state.services = replace(app.state.services, background=Background(Here()))
    return app
