"""The report as data: format lookfors.agreement/1, described in docs/formats/agreement.md."""

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from importlib.metadata import PackageNotFoundError, version

from api.agreement.study import Block, Study
from api.agreement.words import ABOUT, apa, lead, plans_in_words, read_influence

FORMAT = "lookfors.agreement/1"


def to_document(study: Study) -> dict[str, object]:
    """Every coefficient with its n and interval and, where there is none, the reason; ready for JSON."""
    severity = asdict(study.severity)
    for rater in severity["raters"]:
        rater["rater"] = study.raters[rater["rater"]]
    for item in severity["items"]:
        item["item"] = study.criteria[item["item"]]
    for unit in severity["units"]:
        unit["unit"] = study.submissions[unit["unit"]]
    drift = None if study.drift is None else asdict(study.drift)
    for row in (*drift["raters"], *drift["periods"]) if drift else ():
        row["rater"] = study.raters[row["rater"]]
    found = {
        "format": FORMAT,
        "lookfors": program_version(),
        "source": study.source,
        "levels": [
            {"label": label, "value": value}
            for label, value in zip(study.scale.labels, study.scale.values, strict=True)
        ],
        "levels_declared": study.scale.declared,
        "n_submissions": len(study.submissions),
        "n_scores": study.n_scores,
        "raters": list(study.raters),
        "criteria": list(study.criteria),
        "submissions_by_number_of_raters": {str(raters): n for raters, n in study.read_by},
        "estimand": study.estimand,
        "resamples": study.resamples,
        "seed": study.seed,
        "summary": list(lead(study)),
        "notes": list(study.notes),
        "agreement": [_block(block) for block in study.blocks],
        "severity": severity,
        "drift": drift,
        "drift_reason": study.drift_reason,
        "generalizability": {
            "study": asdict(study.generalizability),
            "plans": asdict(study.plans),
            "text": plans_in_words(study),
        },
        "suggestions": {
            "found": None if study.influence is None else asdict(study.influence),
            "text": list(read_influence(study.influence, study.influence_reason)),
        },
    }
    clean = _finite(found)
    assert isinstance(clean, dict)
    return clean


def program_version() -> str:
    """Of the installed program; `unknown` when run from a folder that was never installed."""
    try:
        return version("lookfors")
    except PackageNotFoundError:
        return "unknown"


def _block(block: Block) -> dict[str, object]:
    return {
        "criterion": block.name,
        "n_pairs": block.n_pairs,
        "coefficients": {
            figure.id: {
                "label": figure.label,
                "about": ABOUT[figure.id],
                "text": apa(figure.label, figure.found),
                **asdict(figure.found),
            }
            for figure in block.figures
        },
        "icc": asdict(block.icc),
        "confusion": [list(row) for row in block.confusion],
    }


def _finite(value: object) -> object:
    """JSON has no NaN and no infinity: null, like every other figure without a value."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _finite(asdict(value))
    return value
