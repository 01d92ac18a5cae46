"""The reasons shown with a moment: words that are there, a pause that was measured, an overlap that can be checked."""

from inference.features import content_words, cue_hits, words_of
from model.evidence import Cue
from model.indicators import CODE_BY_ID
from model.transcript import Role, Utterance

# Which groups of `features.CUE_PATTERNS` speak for which code, the most telling first.
CUES_OF_CODE: dict[str, tuple[str, ...]] = {
    "open": ("open_if", "open_what", "open_how", "open_notice", "open_tell"),
    "press": ("press_why", "press_know", "open_how", "open_tell"),
    "idea": ("propose",),
    "reasoning": ("reason", "data"),
    "peer": ("peer",),
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
    "peer": "says to another youth",
    "choice_offered": "hands over",
    "uptake": "takes up",
}
ANSWER_WORDS = 8
UNSURE_ROLE = 0.8


def cues_for(
    code: str, utterance: Utterance, *, answer: Utterance | None = None, idea: Utterance | None = None
) -> tuple[Cue, ...]:
    """What a person can check about one flagged utterance; empty parts are left out, nothing is made up."""
    cues = []
    words = cue_words(code, utterance.text)
    if words:
        cues.append(Cue(kind="words", text=f"{_VERB.get(code, 'says')} “{words}”"))
    if idea is not None:
        shared = shared_words(utterance.text, idea.text)
        if shared:
            cues.append(Cue(kind="overlap", text=f"uses the youth's own words: {', '.join(shared)}"))
    if answer is not None:
        cues.extend(_answer_cues(utterance, answer))
    if utterance.role is not Role.UNKNOWN and utterance.role_p < UNSURE_ROLE and len(CODE_BY_ID[code].said_by) == 1:
        cues.append(Cue(kind="role", text=f"the voice is {utterance.role_p:.0%} likely the {utterance.role}'s"))
    return tuple(cues)


def cue_words(code: str, text: str) -> str:
    """The stretch of `text`, as written, from the first telling cue and a little on; empty where no cue is found."""
    hits = cue_hits(text)
    for group in CUES_OF_CODE.get(code, ()):
        if group in hits:
            return _as_written(text, max(hits[group], key=len))
    return ""


def _as_written(text: str, hit: str, *, more: int = 6) -> str:
    """`hit` with up to `more` following words, with the text's own casing and punctuation trimmed at the ends."""
    tokens = [(token, words_of(token)) for token in text.split()]
    wanted = hit.split()
    flat = [(i, word) for i, (_, words) in enumerate(tokens) for word in words]
    for k in range(len(flat) - len(wanted) + 1):
        if [word for _, word in flat[k : k + len(wanted)]] == wanted:
            first, last = flat[k][0], flat[min(len(flat), k + len(wanted) + more) - 1][0]
            return " ".join(token for token, _ in tokens[first : last + 1]).strip(' .,!?;:…"“”')
    return hit


def shared_words(text: str, earlier: str) -> tuple[str, ...]:
    """Content words of `text`, as spoken, that `earlier` had too; at most four."""
    common = content_words(text) & content_words(earlier)
    spoken = dict.fromkeys(word for word in words_of(text) if content_words(word) & common)
    return tuple(spoken)[:4]


def _answer_cues(question: Utterance, answer: Utterance) -> list[Cue]:
    cues = []
    if question.end is not None and answer.start is not None and answer.start > question.end:
        cues.append(Cue(kind="wait", text=f"{answer.start - question.end:.1f} s of wait before the answer"))
    elif question.end is not None and answer.start is not None:
        cues.append(Cue(kind="overlap", text="the answer begins before the question has ended"))
    first = answer.text.split()
    quoted = " ".join(first[:ANSWER_WORDS]) + (" …" if len(first) > ANSWER_WORDS else "")
    cues.append(Cue(kind="answer", text=f"a youth answers “{quoted}”"))
    return cues
