"""Two artefacts on one corpus: what one gains over the other."""

from collections.abc import Mapping
from typing import Any


def compare_reports(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """Headline figures side by side; `difference` is ours less theirs."""
    found = {}
    for name, (a, b) in {key: (value, _headlines(theirs).get(key)) for key, value in _headlines(ours).items()}.items():
        difference = None if a is None or b is None else round(a - b, 4)
        found[name] = {"ours": a, "theirs": b, "difference": difference}
    return found


def _headlines(report: Mapping[str, Any]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for form, part in report.get("forms", {}).items():
        found[f"{form}/macro_auprc_evidence_codes"] = part["macro_auprc_evidence_codes"]["value"]
        for indicator, row in part["indicators"].items():
            found[f"{form}/{indicator}/f1"] = row["f1"]["value"]
    for task in ("teacher_move", "student_move", "follow_up", "uptake_level"):
        if task in report:
            found[f"{task}/macro_f1"] = report[task]["macro_f1"]["value"]
            found[f"{task}/mcc"] = report[task]["mcc"]["value"]
    return found
