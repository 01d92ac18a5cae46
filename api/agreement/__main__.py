"""The process that computes: one job as JSON on standard input, its result as JSON on standard output.

A process of its own, because minutes of numerical work in the web process would make every save wait for it.
"""

import json
import sys
from typing import Any


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Raises KeyError for a job of an unknown kind."""
    # Imported here: only the kind that is asked for is loaded.
    match job["kind"]:
        case "figures":
            from api.agreement.figures.whole import compute  # noqa: PLC0415
            from api.agreement.wanted import from_plain  # noqa: PLC0415

            document: dict[str, Any] = compute(*from_plain(job)).model_dump(mode="json")
            return document
        case "fit":
            from api.score_model.fitting import fit_job  # noqa: PLC0415

            return fit_job(job)
        case "flips":
            from api.score_model.fitting import flips_job  # noqa: PLC0415

            return flips_job(job)
    raise KeyError(job["kind"])


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout, allow_nan=False)
