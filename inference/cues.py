"""The reasons shown with a moment: words that are there, a pause that was measured, an overlap that can be checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from inference.features import content_words, cue_hits, words_of
from model.evidence import Cue
from model.indicators import CODE_BY_ID, QUESTION_CODES
from model.transcript import Role, Utterance

# Which groups of `lexicon.CUE_PATTERNS` speak for which code, the most telling first. `peer` has none: what makes talk
# youth to youth is who spoke before.
CUES_OF_CODE: dict[str, tuple[str, ...]] = {
    "open": ("open_if", "open_what", "open_how", "open_tell", "open_notice"),
    "press": ("press_why", "press_know", "open_how", "open_tell"),
    "idea": ("propose",),
    "reasoning": ("reason", "data"),
    "choice_offered": ("choice",),
    "uptake": ("uptake",),
    "career": ("career",),
    "everyday": ("everyday",),
    "community": ("community",),
    "real_world": ("real_world",),
}
_VERB = {
    "open": "asks",
    "press": "asks",
    "idea": "proposes",
    "reasoning": "reasons",
    "choice_offered": "hands over",
    "uptake": "takes up",
}
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
QUOTED_WORDS = 12
ANSWER_WORDS = 8
UNSURE_ROLE = 0.8


Telling = Mapping[tuple[str, str], str]  # (utterance, code) -> the words the tagger goes by


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What around an utterance bears on it: the answer it drew, the idea it uses, what it answers."""

    answer: Utterance | None = None
    idea: Utterance | None = None
    other_youth: Utterance | None = None  # another youth's words right before
    question: Utterance | None = None  # a purposeful question just before


def cues_for(code: str, utterance: Utterance, around: Surroundings, telling: Telling) -> tuple[Cue, ...]:
    """What a person can check about one flagged utterance; what is not there is left out, nothing is made up."""
    cues = []
    words = cue_words(code, utterance.text)
    if words:
        cues.append(Cue(kind="words", text=f"{_VERB.get(code, 'says')} “{words}”"))
    elif (utterance.id, code) in telling:
        cues.append(Cue(kind="words", text=f"hangs on “{telling[utterance.id, code]}”"))
    if code == "peer" and around.other_youth is not None:
        cues.append(
            Cue(kind="context", text=f"answers another youth: “{quote(around.other_youth.text, ANSWER_WORDS)}”")
        )
    if code in ("idea", "reasoning") and around.question is not None:
        cues.append(Cue(kind="context", text=f"follows the question “{quote(around.question.text, QUOTED_WORDS)}”"))
    if around.idea is not None:
        shared = shared_words(utterance.text, around.idea.text)
        if shared:
            cues.append(Cue(kind="overlap", text=f"uses the youth's own words: {', '.join(shared)}"))
    if around.answer is not None:
        cues.extend(_answer_cues(utterance, around.answer))
    if utterance.role is not Role.UNKNOWN and utterance.role_p < UNSURE_ROLE and len(CODE_BY_ID[code].said_by) == 1:
        cues.append(Cue(kind="role", text=f"the voice is {utterance.role_p:.0%} likely the {utterance.role}'s"))
    return tuple(cues)


def cue_words(code: str, text: str) -> str:
    """The sentence of `text`, as written, that holds a telling cue, cut around the cue; empty where there is none."""
    # A question's words are in the sentence that asks, where the text still has its marks.
    sentences = sorted(_SENTENCE.findall(text), key=lambda s: code in QUESTION_CODES and not s.rstrip().endswith("?"))
    for group in CUES_OF_CODE.get(code, ()):
        for sentence in sentences:
            hits = cue_hits(sentence).get(group)
            if hits:
                return _around(sentence.strip(), max(hits, key=len))
    return ""


def quote(text: str, words: int) -> str:
    """The first `words` words of `text`, with an ellipsis where there are more."""
    spoken = text.split()
    return " ".join(spoken[:words]) + (" …" if len(spoken) > words else "")


def _around(sentence: str, hit: str) -> str:
    """`sentence` if it is short, else the part of it from a few words before `hit`."""
    tokens = sentence.split()
    if len(tokens) <= QUOTED_WORDS:
        return sentence
    wanted = hit.split()
    flat = [(i, word) for i, token in enumerate(tokens) for word in words_of(token)]
    at = next(
        (k for k in range(len(flat)) if [word for _, word in flat[k : k + len(wanted)]] == wanted),
        0,
    )
    first = max(0, min(flat[at][0] - 3, len(tokens) - QUOTED_WORDS)) if flat else 0
    part = tokens[first : first + QUOTED_WORDS]
    return ("… " if first else "") + " ".join(part) + (" …" if first + QUOTED_WORDS < len(tokens) else "")


def shared_words(text: str, earlier: str) -> tuple[str, ...]:
    """Content words of `text`, as spoken, that `earlier` had too; at most four."""
    common = content_words(text) & content_words(earlier)
    spoken = dict.fromkeys(word for word in words_of(text) if content_words(word) & common)
    return tuple(spoken)[:4]


def _answer_cues(question: Utterance, answer: Utterance) -> list[Cue]:
    cues = []
    if question.end is not None and answer.start is not None:
        wait = answer.start - question.end
        text = (
            f"{wait:.1f} s of wait before the answer" if wait > 0 else "the answer begins before the question has ended"
        )
        cues.append(Cue(kind="wait" if wait > 0 else "overlap", text=text))
    cues.append(Cue(kind="answer", text=f"a youth answers “{quote(answer.text, ANSWER_WORDS)}”"))
    return cues
