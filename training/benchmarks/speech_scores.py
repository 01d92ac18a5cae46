"""How well a transcript matches a scene that is known: words, roles, speakers, coverage."""

from dataclasses import dataclass

import jiwer
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from whisper.normalizers import EnglishTextNormalizer

from model.transcript import Role, Transcript
from training.benchmarks.spoken_scenes import SpokenScene

_FRAME_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechScore:
    word_error: float
    substituted: int
    deleted: int
    inserted: int
    words: int
    role_right: float  # of the reference's speech time that utterances cover, one role speaking
    speaker_right: float  # of the same time, under the best one-to-one naming of speakers
    covered: float  # of the reference's speech time, pauses inside a line included
    speakers: tuple[int, int]  # found, real


def score_speech(transcript: Transcript, scene: SpokenScene) -> SpeechScore:
    """Word error with Whisper's English normaliser; roles and speakers in frames of 10 ms, overlaps left out."""
    normal = EnglishTextNormalizer()
    heard = normal(" ".join(one.text for one in transcript.utterances))
    words = jiwer.process_words(normal(scene.text), heard)
    size = int(scene.audio.size / 16_000 / _FRAME_S) + 1
    truth = [(line.start, line.end, line.role.value, line.speaker) for line in scene.lines]
    found = [
        (one.start or 0.0, one.end or 0.0, one.role.value, one.speaker or "nobody") for one in transcript.utterances
    ]
    spoken = _frames([(s, e, 0) for s, e, _, _ in truth], size)[:, 0] == 1  # exactly one line: no overlap
    covered = _frames([(s, e, 0) for s, e, _, _ in found], size)[:, 0] > 0
    both = spoken & covered
    roles = [role.value for role in Role]
    true_role = _frames([(s, e, roles.index(role)) for s, e, role, _ in truth], size, len(roles)) > 0
    found_role = _frames([(s, e, roles.index(role)) for s, e, role, _ in found], size, len(roles)) > 0
    return SpeechScore(
        word_error=words.wer,
        substituted=words.substitutions,
        deleted=words.deletions,
        inserted=words.insertions,
        words=words.hits + words.substitutions + words.deletions,
        role_right=_share(np.any(true_role & found_role, axis=1), both),
        speaker_right=_speakers_right(truth, found, both),
        covered=_share(covered, spoken),
        speakers=(len({s for *_, s in found}), len({s for *_, s in truth})),
    )


def _frames(spans: list[tuple[float, float, int]], size: int, kinds: int = 1) -> NDArray[np.int64]:
    """How many spans of each kind lie on each frame, shape (size, kinds)."""
    out = np.zeros((size, kinds), dtype=np.int64)
    for start, end, kind in spans:
        out[round(start / _FRAME_S) : round(end / _FRAME_S), kind] += 1
    return out


def _speakers_right(
    truth: list[tuple[float, float, str, str]], found: list[tuple[float, float, str, str]], both: NDArray[np.bool_]
) -> float:
    real, named = sorted({s for *_, s in truth}), sorted({s for *_, s in found})
    if not named:
        return 0.0
    left = _frames([(s, e, real.index(who)) for s, e, _, who in truth], both.size, len(real))[both] > 0
    right = _frames([(s, e, named.index(who)) for s, e, _, who in found], both.size, len(named))[both] > 0
    together = left.T.astype(float) @ right.astype(float)
    rows, columns = linear_sum_assignment(-together)
    return float(together[rows, columns].sum() / max(1, both.sum()))


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    return float((part & whole).sum() / max(1, whole.sum()))
