"""Reviewers' decisions as weighted examples, and calibration that follows them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from inference.artefact import SHIPPED, Manifest, read_manifest
from inference.features import Line
from inference.tagger import load_tagger
from model.errors import InputRefused
from model.indicators import CODE_BY_ID, CODE_IDS, Indicator
from model.transcript import Role
from training.calibrate import Platt
from training.cli import train
from training.corpora.decisions import FORMAT, Decided, read_decisions
from training.recalibrate import ONE_EDUCATOR, Judged, folds_of_groups, moved_calibration, recalibrate

OPEN = CODE_IDS.index("open")
TEXTS = ("What do you notice?", "It tips.")


def _session(*decisions: Mapping[str, Any], texts: Sequence[str] = TEXTS, id_: str = "s1") -> dict[str, Any]:
    """Utterances u0, u1, … by a facilitator and a youth in turn."""
    return {
        "id": id_,
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


def _exported(path: Path, *sessions: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps({"format": FORMAT, "sessions": sessions}))
    return path


def test_weights_follow_verdict_and_chance_of_being_shown(tmp_path: Path) -> None:
    decisions = (
        {"utterance": "u0", "code": "open", "verdict": "does_not", "p_shown": 0.5},
        {"utterance": "u1", "code": "idea", "verdict": "added"},
        {"utterance": "u1", "code": "peer", "verdict": "supports", "p_shown": 0.1},
    )
    (session,) = read_decisions(_exported(tmp_path / "d.json", _session(*decisions)))
    idea, peer = CODE_IDS.index("idea"), CODE_IDS.index("peer")
    assert not session.target[0, OPEN]
    assert (session.weight[0, OPEN], session.shown[0, OPEN]) == (2.0 / 0.5, 1 / 0.5)
    assert (session.weight[1, idea], session.shown[1, idea]) == (2.0, 1.0)
    assert (session.weight[1, peer], session.shown[1, peer]) == (0.5 / 0.1, 8.0)  # stands for ten, at most eight
    assert session.weight.astype(bool).sum() == session.shown.astype(bool).sum() == 3  # the undecided weighs nothing


@pytest.mark.parametrize("role", ["facilitator", "youth", "unknown"])
def test_a_blind_empty_utterance_denies_what_its_speaker_could_have_said(tmp_path: Path, role: str) -> None:
    document = _session({"utterance": "u1", "verdict": "blind_none"})
    document["utterances"][1]["role"] = role
    (session,) = read_decisions(_exported(tmp_path / "d.json", document))
    could = [role == "unknown" or Role(role) in CODE_BY_ID[code].said_by for code in CODE_IDS]
    assert session.weight[1].tolist() == [float(one) for one in could]
    assert not session.target[1].any()


def test_an_educator_is_one_group_and_a_session_without_one_its_own(tmp_path: Path) -> None:
    known = [_session(id_=id_) | {"educator": "ab12"} for id_ in ("s1", "s2")]
    found = read_decisions(_exported(tmp_path / "d.json", *known, _session(id_="s3")))
    assert [session.group for session in found] == ["ab12", "ab12", "s3"]


DECISION = {"utterance": "u0", "code": "open", "verdict": "supports", "p_shown": 1.0}


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"utterance": "u9"}, "utterance"),
        ({"utterance": ["u0"]}, "utterance"),
        ({"utterance": None}, "utterance"),
        ({"code": "opened"}, "code"),
        ({"code": None}, "code"),
        ({"code": 3}, "code"),
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": None}, "verdict"),
        ({"p_shown": 0}, "p_shown"),
        ({"p_shown": 1.5}, "p_shown"),
        ({"p_shown": "often"}, "p_shown"),
    ],
)
def test_a_decision_that_does_not_fit_is_named(tmp_path: Path, changed: dict[str, Any], place: str) -> None:
    document = _session(DECISION, DECISION | changed)
    with pytest.raises(InputRefused) as refused:
        read_decisions(_exported(tmp_path / "d.json", document))
    assert refused.value.code == "decisions.invalid"
    assert refused.value.fact.startswith(f"Session s1: sessions[0].decisions[1].{place}: ")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"id": None}, "sessions[0].id"),
        ({"id": 7}, "sessions[0].id"),
        ({"educator": 7}, "Session s1: sessions[0].educator"),
        ({"utterances": None}, "Session s1: sessions[0].utterances"),
        ({"decisions": {}}, "Session s1: sessions[0].decisions"),
        ({"decisions": ["open"]}, "Session s1: sessions[0].decisions[0]"),
        ({"utterances": [{"id": "u0"}]}, "Session s1: sessions[0].utterances[0].text"),
        ({"utterances": [{"id": "u0", "text": "Why?"}] * 2}, "Session s1: sessions[0].utterances[1].id"),
        ({"utterances": [{"id": "u0", "text": "Why?", "role": "judge"}]}, "Session s1: sessions[0].utterances[0].role"),
        ({"utterances": [{"id": "u0", "text": "Why?", "role_p": 2}]}, "Session s1: sessions[0].utterances[0].role_p"),
    ],
)
def test_a_session_that_does_not_fit_is_named(tmp_path: Path, changed: dict[str, Any], named: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_decisions(_exported(tmp_path / "d.json", _session(DECISION) | changed))
    assert refused.value.code == "decisions.invalid"
    assert f"{named}: " in refused.value.fact


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other/1"}', f'{{"format": "{FORMAT}"}}', "\udcff"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputRefused, match=r"d\.json") as refused:
        read_decisions(path)
    assert refused.value.code == "decisions.invalid"


def _plain() -> Manifest:
    """The shipped manifest as if its logits were those of the chances already."""
    return replace(read_manifest(SHIPPED), calibration=tuple((code, 1.0, 0.0) for code in CODE_IDS))


def _on_open(*said: tuple[str, int, int], p_youth: float = 0.0) -> list[Decided]:
    """For each educator a session of `yes` confirmed and `no` rejected open questions, shown for sure."""
    return [
        Decided(
            id=educator,
            group=educator,
            lines=(Line(text="What do you notice?", p_youth=p_youth, speaker="v0"),) * (yes + no),
            target=_in_open(np.arange(yes + no) < yes),
            weight=_in_open(np.where(np.arange(yes + no) < yes, 0.5, 2.0)),
            shown=_in_open(np.ones(yes + no)),
        )
        for educator, yes, no in said
    ]


def _in_open(column: Any) -> Any:
    out = np.zeros((len(column), len(CODE_IDS)), dtype=column.dtype)
    out[:, OPEN] = column
    return out


def _judged(sessions: Sequence[Decided], logit: float = 0.0) -> Judged:
    return Judged.of([np.full(session.target.shape, logit) for session in sessions], sessions)


def test_eighty_confirmed_of_a_hundred_become_a_chance_of_eight_tenths() -> None:
    sessions = _on_open(*((educator, 20, 5) for educator in "abcd"))
    # What they teach is balanced, 80 · 0.5 = 20 · 2.0; that is no rate, and calibration does not go by it.
    assert sum(s.weight[s.target].sum() for s in sessions) == sum(s.weight[~s.target].sum() for s in sessions)
    moved = moved_calibration(_plain(), _judged(sessions))
    assert moved.used["open"] == 100
    # The draw to the present line (½) costs under three hundredths at a hundred decisions.
    assert moved.lines[OPEN](np.zeros(1))[0] == pytest.approx(0.8, abs=0.03)
    assert [line for k, line in enumerate(moved.lines) if k != OPEN] == [Platt(1.0, 0.0)] * (len(CODE_IDS) - 1)


def test_one_seen_by_chance_stands_for_those_that_were_not() -> None:
    sessions = _on_open(*((educator, 10, 10) for educator in "abcd"))
    # Every rejection was one of four, every confirmation was sure to be shown: 40 of 40 + 4 · 40 are yes. Weighed so,
    # the eighty count like 200² / (40 · 1 + 40 · 16) = 59, and the draw to ½ is the stronger for it.
    drawn = [replace(s, shown=np.where(s.target, s.shown, 4 * s.shown)) for s in sessions]
    moved = moved_calibration(_plain(), _judged(drawn))
    assert moved.lines[OPEN](np.zeros(1))[0] == pytest.approx(0.2, abs=0.05)


def test_the_role_is_multiplied_in_once() -> None:
    """A facilitator by a chance of .6 who asks an open question for sure: sixty of a hundred are confirmed."""
    sessions = _on_open(*((educator, 15, 10) for educator in "abcd"), p_youth=0.4)
    judged = _judged(sessions, logit=2.0)
    moved = moved_calibration(_plain(), judged)
    assert judged.chances(moved.lines)[:, OPEN] == pytest.approx(0.6, abs=0.05)  # and not .6 · .6
    unlikely = _on_open(*((educator, 15, 10) for educator in "abcd"), p_youth=0.5)
    assert not moved_calibration(_plain(), _judged(unlikely)).used  # who speaks is not known: no word on the code


def test_what_holds_for_one_educator_only_is_left() -> None:
    """Ann's reviewers reject all, Bo's confirm all. From Ann to Bo (.09 − 1)² = .83 is more than (.5 − 1)²."""
    moved = moved_calibration(_plain(), _judged(_on_open(("ann", 0, 50), ("bo", 50, 0))))
    assert not moved.used
    assert moved.lines[OPEN] == Platt(1.0, 0.0)
    assert "Brier score on other educators would be 0.8" in moved.left["open"]
    assert "and not 0.2500" in moved.left["open"]
    assert moved.limits == dict(_plain().thresholds)


def test_one_educator_moves_nothing() -> None:
    sessions = _on_open(("ann", 0, 40), ("ann", 0, 40))
    moved = moved_calibration(_plain(), _judged(sessions))
    assert moved.left == {"open": ONE_EDUCATOR, "purposeful_questions": ONE_EDUCATOR}
    assert moved.lines[OPEN] == Platt(1.0, 0.0)


def test_an_educators_sessions_share_a_fold() -> None:
    # Sizes 4, 3, 2, 1: the largest goes first, each to the emptiest of three.
    fold = folds_of_groups(np.array([7, 7, 7, 7, 3, 3, 3, 5, 5, 9]), most=3)
    assert fold.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]


JARS = tuple(t for i in range(15) for t in (f"What do you notice about jar {i}?", f"It is cloudy, jar {i}."))


def _rejected(path: Path, *codes: str) -> Path:
    """Four educators with fifteen questions each, all rejected; the codes named take turns."""
    return _exported(
        path,
        *(
            _session(
                *(
                    {"utterance": f"u{2 * i}", "code": codes[i % len(codes)], "verdict": "does_not"}
                    for i in range(len(JARS) // 2)
                ),
                texts=JARS,
                id_=f"s{n}",
            )
            for n in range(4)
        ),
    )


def test_under_fifty_decisions_nothing_is_refitted(tmp_path: Path) -> None:
    sessions = read_decisions(_exported(tmp_path / "d.json", _session(DECISION)))
    with pytest.raises(InputRefused, match="No code and no look-for has 50"):
        recalibrate(SHIPPED, tmp_path / "out", sessions)


def test_nothing_is_written_where_nobody_said_where_to(tmp_path: Path) -> None:
    path, before = _rejected(tmp_path / "d.json", "open"), read_manifest(SHIPPED).sha256
    for option in ("--recalibrate", "--refit"):
        for missing in (["--decisions", str(path)], ["--out", str(tmp_path / "out")]):
            told = CliRunner().invoke(train, [option, str(SHIPPED), *missing])
            assert told.exit_code == 2
            assert f"{option} needs --decisions FILE and --out FOLDER" in told.output
    told = CliRunner().invoke(train, ["--recalibrate", str(SHIPPED), "--refit", str(SHIPPED)])
    assert told.exit_code == 2
    assert "exclude each other" in told.output
    assert not (tmp_path / "out").exists()
    assert read_manifest(SHIPPED).sha256 == before


@pytest.mark.slow
def test_sixty_rejections_lower_what_the_tagger_claims_and_touch_no_other_code(tmp_path: Path) -> None:
    sessions = read_decisions(_rejected(tmp_path / "d.json", "open"))
    moved = recalibrate(SHIPPED, tmp_path / "out", sessions)
    assert moved.used == {"open": 60, "purposeful_questions": 60}
    before = load_tagger().probabilities(sessions[0].lines)
    after = load_tagger(tmp_path / "out").probabilities(sessions[0].lines)
    assert after[::2, OPEN].mean() < before[::2, OPEN].mean() - 0.1
    others = [k for k in range(len(CODE_IDS)) if k != OPEN]
    assert np.allclose(before[:, others], after[:, others])
    document, shipped = read_manifest(tmp_path / "out").document, read_manifest(SHIPPED).document
    assert document["recalibrated_on"] == moved.used
    # What was cross-validated of the old flags says nothing of the new; an order a line leaves is still the same.
    told, was = document["cross_validation"]["codes"], shipped["cross_validation"]["codes"]
    assert told["open"] == was["open"] | {"precision": None, "recall": None, "f1": None}
    assert told["press"] == was["press"]
    assert document["cross_validation"]["indicators"]["purposeful_questions"]["auprc"] is None
    assert document["name"] in (tmp_path / "out" / "card.md").read_text()


@pytest.mark.slow
def test_decisions_on_two_codes_move_their_look_for_together(tmp_path: Path) -> None:
    sessions = read_decisions(_rejected(tmp_path / "d.json", "open", "press"))
    moved = recalibrate(SHIPPED, tmp_path / "out", sessions)
    assert moved.used == {"purposeful_questions": 60}  # 32 and 28 a code are too few
    p = load_tagger().probabilities(sessions[0].lines)[::2]
    before, after = (
        read_manifest(path)
        .showing[Indicator.PURPOSEFUL_QUESTIONS]
        .probability({code: p[:, CODE_IDS.index(code)] for code in ("open", "press")})
        for path in (SHIPPED, tmp_path / "out")
    )
    assert after.mean() < before.mean() - 0.1
