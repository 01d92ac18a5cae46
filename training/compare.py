"""Two artefacts on one corpus: what one gains over the other."""

from collections.abc import Mapping
from typing import Any

from inference.auxiliary import TASKS
from training.evaluate import FALSE_FLAGS

Found = Mapping[str, float | None]  # value, low and high of an estimate


def compare_reports(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Headline figures side by side, each with its interval; `difference` is ours less theirs.

    The intervals are of each figure alone. Both artefacts met the same lines, so a difference is surer than two
    intervals that overlap suggest.
    """
    other = _headlines(theirs)
    found = {}
    for name, a in _headlines(ours).items():
        b = other.get(name, {"value": None, "low": None, "high": None})
        one, two = a["value"], b["value"]
        difference = None if one is None or two is None else round(one - two, 4)
        found[name] = {"ours": a, "theirs": b, "difference": difference}
    return found


def _headlines(report: Mapping[str, Any]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for form, part in report.get("forms", {}).items():
        found[f"{form}: macro AUPRC"] = part["macro_auprc_evidence_codes"]
        if part[FALSE_FLAGS] is not None:
            found[f"{form}: all indicators {FALSE_FLAGS}"] = part[FALSE_FLAGS]
        for indicator, row in part["indicators"].items():
            for figure in ("f1", "auprc", "debiased_calibration_error", FALSE_FLAGS):
                if row[figure] is not None:
                    found[f"{form}: {indicator} {figure}"] = row[figure]
    for task in TASKS:
        if task in report:
            found[f"{task}: macro F1"] = report[task]["macro_f1"]
            found[f"{task}: MCC"] = report[task]["mcc"]
    return found
