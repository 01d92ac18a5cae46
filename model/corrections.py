"""What people correct in a transcript: whose voice it is, and the words.

Corrections are facts in an order. The latest one that stands decides; one that was taken back never was. They are
always applied to the machine's own transcript, so taking one back needs no memory of what was there before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from model.errors import InputRefused
from model.transcript import Role, SpeechHeard, Transcript, Utterance, Word

WORDS_MAX = 2000  # characters of one utterance; a minute of fast speech has about 1,200
TARGETS_MAX = 2000  # utterances of one turn


class CorrectionKind(StrEnum):
    ROLE_OF_UTTERANCE = "role_of_utterance"
    ROLE_OF_SPEAKER = "role_of_speaker"
    WORDS_OF_UTTERANCE = "words_of_utterance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One thing a person said of a transcript; who said it is not part of it.

    `targets` are utterance ids (those of one turn, for a role; one, for words) or one speaker label. `value` is a
    role or the words. With `undoes` it takes another correction back and says nothing else.
    """

    id: str
    kind: CorrectionKind | None
    targets: tuple[str, ...] = ()
    value: str = ""
    undoes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the machine had where a person said otherwise or agreed; None where nobody spoke of it."""

    role: Role | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A transcript as people corrected it, and what the machine had in the utterances they touched."""

    transcript: Transcript
    heard: Mapping[str, Heard]


def standing(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """Those that hold, in the order given."""
    said = tuple(corrections)
    taken_back = {one.undoes for one in said if one.undoes is not None}
    return tuple(one for one in said if one.undoes is None and one.id not in taken_back)


def checked(correction: Correction, transcript: Transcript) -> Correction:
    """The correction as it is kept: words with single spaces. Raises InputRefused where it makes no sense here."""
    if not 0 < len(correction.targets) <= TARGETS_MAX or len(set(correction.targets)) < len(correction.targets):
        raise InputRefused(
            "correction.targets", "The correction does not name what it is about.", "Choose a turn and try again."
        )
    known = {u.id for u in transcript.utterances}
    if correction.kind is CorrectionKind.ROLE_OF_SPEAKER:
        known = {u.speaker for u in transcript.utterances if u.speaker is not None}
    if strange := [target for target in correction.targets if target not in known]:
        what = "voice" if correction.kind is CorrectionKind.ROLE_OF_SPEAKER else "utterance"
        raise InputRefused(
            f"correction.no_{what}",
            f"This transcript has no {what} “{strange[0][:60]}”.",
            "Reload the page: the recording may have been prepared again.",
        )
    if correction.kind is CorrectionKind.WORDS_OF_UTTERANCE:
        return replace(correction, value=_words(correction))
    if correction.kind is None or correction.value not in set(Role):
        raise InputRefused(
            "correction.role", f"“{correction.value[:60]}” is not a role.", "Choose facilitator, youth or unknown."
        )
    return correction


def _words(correction: Correction) -> str:
    text = " ".join("".join(c if c.isprintable() else " " for c in correction.value).split())
    if len(correction.targets) != 1:
        raise InputRefused("correction.targets", "Words belong to one utterance.", "Correct them one by one.")
    if not text:
        raise InputRefused("correction.no_words", "There are no words.", "Write what is said, or leave it as it was.")
    if len(text) > WORDS_MAX:
        raise InputRefused(
            "correction.too_long",
            f"The words are {len(text):,} characters long; one utterance takes up to {WORDS_MAX:,}.",
            "Write only what is said in this utterance.",
        )
    return text


def apply_corrections(machine: Transcript, corrections: Iterable[Correction]) -> Corrected:
    """`machine` as people corrected it; `corrections` in their order, those taken back included or not.

    Targets the transcript does not have are passed over. Ids, speakers, times and the order of utterances stay.
    """
    roles: dict[str, Role] = {}
    texts: dict[str, str] = {}
    of_speaker: dict[str | None, list[str]] = {}
    for utterance in machine.utterances:
        of_speaker.setdefault(utterance.speaker, []).append(utterance.id)
    for one in standing(corrections):
        if one.kind is CorrectionKind.ROLE_OF_UTTERANCE:
            roles.update(dict.fromkeys(one.targets, Role(one.value)))
        elif one.kind is CorrectionKind.ROLE_OF_SPEAKER:
            said_by = [u for speaker in one.targets for u in of_speaker.get(speaker, ())]
            roles.update(dict.fromkeys(said_by, Role(one.value)))
        else:
            texts.update(dict.fromkeys(one.targets, one.value))
    utterances = tuple(_apply(u, roles.get(u.id), texts.get(u.id)) for u in machine.utterances)
    heard = {
        u.id: Heard(role=u.role if u.id in roles else None, text=u.text if u.id in texts else None)
        for u in machine.utterances
        if u.id in roles or u.id in texts
    }
    speech = None if machine.speech is None else _heard_by_role(machine.speech, machine.utterances, utterances)
    return Corrected(transcript=replace(machine, utterances=utterances, speech=speech), heard=heard)


def _apply(utterance: Utterance, role: Role | None, text: str | None) -> Utterance:
    if role is not None:
        utterance = replace(utterance, role=role, role_p=1.0)
    return utterance if text is None else reword(utterance, text)


def _heard_by_role(speech: SpeechHeard, before: Sequence[Utterance], after: Sequence[Utterance]) -> SpeechHeard:
    """Seconds of voice go with the utterances: of each role, the share of its speaking time that is now another's.

    Which second of voice belongs to which utterance is not kept, so the share stands in for it. Totals stay.
    """
    moved: dict[tuple[Role, Role], float] = {}
    spoken: dict[Role, float] = {}
    for old, new in zip(before, after, strict=True):
        seconds = old.duration or 0.0
        spoken[old.role] = spoken.get(old.role, 0.0) + seconds
        if new.role is not old.role:
            moved[old.role, new.role] = moved.get((old.role, new.role), 0.0) + seconds
    if not moved:
        return speech

    def shifted(by_role: tuple[tuple[Role, float], ...]) -> tuple[tuple[Role, float], ...]:
        seconds = dict(by_role)
        result = dict(seconds)
        for (old, new), time in moved.items():
            if spoken[old] <= 0 or old not in seconds:
                continue
            part = seconds[old] * time / spoken[old]
            result[old] -= part
            result[new] = result.get(new, 0.0) + part
        return tuple((role, max(0.0, round(result[role], 3))) for role in Role if role in result)

    return replace(
        speech,
        heard_by_role_s=shifted(speech.heard_by_role_s),
        recognised_by_role_s=shifted(speech.recognised_by_role_s),
    )


# ---- words ---------------------------------------------------------------------------------------------------------


def reword(utterance: Utterance, text: str) -> Utterance:
    """The utterance with other words. Words that stay keep their times and probability; new ones, of p 1.0, share the
    time of those they stand in for, by their length. An utterance whose words had no times gets none.
    """
    if not utterance.words:
        return replace(utterance, text=text)
    old, new = utterance.words, text.split()
    matcher = SequenceMatcher(a=[_plain(word.text) for word in old], b=[_plain(word) for word in new], autojunk=False)
    words: list[Word] = []
    for tag, i, j, m, n in matcher.get_opcodes():
        if tag == "equal":
            words += [replace(was, text=now) for was, now in zip(old[i:j], new[m:n], strict=True)]
        elif n > m:
            start, end = _room(utterance, i, j)
            words += _spread(new[m:n], start, end)
    return replace(utterance, text=text, words=tuple(words))


def _plain(word: str) -> str:
    """A word without case and without the marks around it."""
    text = word.strip().casefold()
    bare = text.strip("".join(c for c in set(text) if not c.isalnum()))
    return bare or text


def _room(utterance: Utterance, i: int, j: int) -> tuple[float, float]:
    """The time of the words `i` to `j`; of none of them, what is free between their neighbours."""
    words = utterance.words
    if i < j:
        return words[i].start, max(word.end for word in words[i:j])
    first, last = utterance.start, utterance.end
    start = words[i - 1].end if i else min(words[0].start, words[0].start if first is None else first)
    end = words[i].start if i < len(words) else max(words[-1].end, words[-1].end if last is None else last)
    return start, max(start, end)


def _spread(texts: Sequence[str], start: float, end: float) -> list[Word]:
    total = sum(len(text) for text in texts)
    edges = [start]
    for text in texts:
        edges.append(edges[-1] + (end - start) * len(text) / total)
    edges[-1] = end
    return [Word(text=text, start=a, end=b, p=1.0) for text, (a, b) in zip(texts, pairwise(edges), strict=True)]
