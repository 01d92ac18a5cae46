"""Reviewers' decisions as weighted examples, and calibration that follows them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.artefact import SHIPPED, read_manifest
from inference.tagger import load_tagger
from model.errors import InputRefused
from model.indicators import CODE_IDS, Indicator
from training.corpora.decisions import FORMAT, read_decisions
from training.recalibrate import recalibrate

OPEN = CODE_IDS.index("open")


def _exported(
    path: Path, *decisions: dict[str, Any], texts: tuple[str, ...] = ("What do you notice?", "It tips.")
) -> Path:
    session = {
        "id": "s1",
        "utterances": [
            {
                "id": f"u{i}",
                "speaker": f"v{i % 2}",
                "role": ("facilitator", "youth")[i % 2],
                "role_p": 1.0,
                "text": text,
            }
            for i, text in enumerate(texts)
        ],
        "decisions": list(decisions),
    }
    path.write_text(json.dumps({"format": FORMAT, "sessions": [session]}))
    return path


def test_weights_follow_verdict_and_chance_of_being_shown(tmp_path: Path) -> None:
    path = _exported(
        tmp_path / "d.json",
        {"utterance": "u0", "code": "open", "verdict": "does_not", "p_shown": 0.5},
        {"utterance": "u1", "code": "idea", "verdict": "added"},
    )
    (session,) = read_decisions(path)
    assert session.weight[0, OPEN] == 2.0 / 0.5
    assert not session.target[0, OPEN]
    assert session.weight[1, CODE_IDS.index("idea")] == 2.0
    assert session.weight.astype(bool).sum() == 2  # what was never decided weighs nothing


def test_a_blind_empty_utterance_denies_every_code(tmp_path: Path) -> None:
    (session,) = read_decisions(_exported(tmp_path / "d.json", {"utterance": "u1", "verdict": "blind_none"}))
    assert session.weight[1].tolist() == [1.0] * len(CODE_IDS)
    assert not session.target[1].any()


@pytest.mark.parametrize(
    "decision",
    [
        {"utterance": "u9", "code": "open", "verdict": "supports"},
        {"utterance": "u0", "code": "open", "verdict": "maybe"},
        {"utterance": "u0", "code": "open", "verdict": "supports", "p_shown": 0},
    ],
)
def test_a_decision_that_does_not_fit_is_named(tmp_path: Path, decision: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="Session s1"):
        read_decisions(_exported(tmp_path / "d.json", decision))


def test_under_fifty_decisions_nothing_is_refitted(tmp_path: Path) -> None:
    sessions = read_decisions(
        _exported(tmp_path / "d.json", {"utterance": "u0", "code": "open", "verdict": "supports"})
    )
    with pytest.raises(InputRefused, match="No code and no look-for has 50"):
        recalibrate(SHIPPED, tmp_path / "out", sessions)


@pytest.mark.slow
def test_fifty_rejections_lower_what_the_tagger_claims_and_touch_no_other_code(tmp_path: Path) -> None:
    texts = tuple(t for i in range(60) for t in (f"What do you notice about jar {i}?", f"It is cloudy, jar {i}."))
    decisions = [{"utterance": f"u{2 * i}", "code": "open", "verdict": "does_not"} for i in range(60)]
    sessions = read_decisions(_exported(tmp_path / "d.json", *decisions, texts=texts))
    assert recalibrate(SHIPPED, tmp_path / "out", sessions) == {"open": 60, "purposeful_questions": 60}
    before = load_tagger().probabilities(sessions[0].lines)
    after = load_tagger(tmp_path / "out").probabilities(sessions[0].lines)
    assert after[::2, OPEN].mean() < before[::2, OPEN].mean() - 0.1
    others = [k for k in range(len(CODE_IDS)) if k != OPEN]
    assert np.allclose(before[:, others], after[:, others])
    assert read_manifest(tmp_path / "out").document["recalibrated_on"] == {"open": 60, "purposeful_questions": 60}


@pytest.mark.slow
def test_decisions_on_two_codes_move_their_look_for_together(tmp_path: Path) -> None:
    texts = tuple(t for i in range(60) for t in (f"What do you notice about jar {i}?", f"It is cloudy, jar {i}."))
    decisions = [
        {"utterance": f"u{2 * i}", "code": "open" if i < 30 else "press", "verdict": "does_not"} for i in range(60)
    ]
    sessions = read_decisions(_exported(tmp_path / "d.json", *decisions, texts=texts))
    assert recalibrate(SHIPPED, tmp_path / "out", sessions) == {"purposeful_questions": 60}  # 30 a code are too few
    tagger = load_tagger()
    p = tagger.probabilities(sessions[0].lines)[::2]
    before, after = (
        read_manifest(path)
        .showing[Indicator.PURPOSEFUL_QUESTIONS]
        .probability({code: p[:, CODE_IDS.index(code)] for code in ("open", "press")})
        for path in (SHIPPED, tmp_path / "out")
    )
    assert after.mean() < before.mean() - 0.1
