"""Make clean text look as a recogniser would have written it, and roles as a clustering would have named them.

Rates follow the project's own measurements with Whisper base: about 1 % of words wrong on clean speech, 10 % under
babble, published 24 % for children; punctuation and casing go whole sentences at a time.
"""

import re
from dataclasses import replace

import numpy as np

from training.corpora.dialogues import CodedLine, Dialogue, with_texts

# Pairs a recogniser confuses because they sound alike. Words are looked up one by one, so both directions are used, but
# a side of two words is only written ("gonna" becomes "going to"), never looked for.
HOMOPHONES = (
    ("there", "their"), ("to", "too"), ("your", "you're"), ("its", "it's"), ("weigh", "way"), ("right", "write"),
    ("hear", "here"), ("whole", "hole"), ("wait", "weight"), ("know", "no"), ("wood", "would"), ("by", "buy"),
    ("for", "four"), ("two", "to"), ("one", "won"), ("new", "knew"), ("see", "sea"), ("which", "witch"),
    ("piece", "peace"), ("brake", "break"), ("gear", "deer"), ("axle", "axel"), ("plane", "plain"), ("sale", "sail"),
    ("tale", "tail"), ("pull", "pole"), ("tape", "take"), ("then", "than"), ("are", "our"), ("and", "in"),
    ("because", "cause"), ("going to", "gonna"), ("want to", "wanna"), ("could", "can"),
)  # fmt: skip
_SWAPS = {a: b for a, b in HOMOPHONES} | {b: a for a, b in HOMOPHONES}
_LIGHT = frozenset(
    ("a", "an", "the", "is", "are", "of", "to", "it", "that", "so", "and", "i", "you", "do", "did", "was", "in")
)
_SENTENCE_END = re.compile(r"[.!?…]+$")


def recognised(dialogue: Dialogue, rng: np.random.Generator, *, word_error: float | None = None) -> Dialogue:
    """The dialogue as recogniser text. `word_error` is the rate for adults (youth get twice it); drawn if not given.

    One style for the whole dialogue, as one engine heard it: bare words in four of ten, otherwise punctuation that
    is sometimes wrong.
    """
    rate = float(rng.choice((0.01, 0.05, 0.10))) if word_error is None else word_error
    bare = bool(rng.random() < 0.4)
    texts = []
    for line in dialogue.lines:
        text = _slip_words(line.text, rng, rate * (2.0 if line.speaker.startswith("Y") else 1.0))
        texts.append(strip_punctuation(text) if bare else _slip_ends(text, rng))
    return with_texts(dialogue, texts)


def strip_punctuation(text: str) -> str:
    """Lower case and words alone, apostrophes kept: the hardest text a recogniser writes."""
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9' ]+", " ", text.lower().replace("’", "'"))).strip()


def without_punctuation(dialogue: Dialogue) -> Dialogue:
    return with_texts(dialogue, [strip_punctuation(line.text) for line in dialogue.lines])


def _slip_words(text: str, rng: np.random.Generator, rate: float) -> str:
    out = []
    for token in text.split():
        bare = token.lower().strip(".,!?…")
        if rng.random() >= rate * 1.6:  # not every draw below changes a word
            out.append(token)
            continue
        draw = rng.random()
        if draw < 0.4 and bare in _SWAPS:
            out.append(token.lower().replace(bare, _SWAPS[bare]))
        elif draw < 0.75 and (bare in _LIGHT or draw < 0.55):
            continue
        elif draw < 0.9 and len(bare) > 4:
            out.append(token[: -int(rng.integers(1, 3))])
        else:
            out.append(token)
    return " ".join(out)


def _slip_ends(text: str, rng: np.random.Generator) -> str:
    """A question mark becomes a full stop or nothing in a third, a full stop vanishes in a tenth."""
    draw = rng.random()
    if text.endswith("?") and draw < 0.33:
        return _SENTENCE_END.sub("." if draw < 0.2 else "", text)
    if draw < 0.1:
        return _SENTENCE_END.sub("", text)
    return text


def role_slips(dialogue: Dialogue, rng: np.random.Generator) -> Dialogue:
    """Soft and sometimes wrong role probabilities, the true roles kept.

    A speaker cluster is sure to a varying degree, one utterance in twenty-five was given to the wrong cluster, and
    in one dialogue of fifteen a whole youth cluster is taken for the adult's.
    """
    speakers = sorted({line.speaker for line in dialogue.lines})
    sure = {speaker: float(rng.uniform(0.75, 1.0)) for speaker in speakers}
    youths = [speaker for speaker in speakers if speaker.startswith("Y")]
    mistaken = str(rng.choice(youths)) if youths and rng.random() < 1 / 15 else ""
    lines: list[CodedLine] = []
    for line in dialogue.lines:
        youth = line.speaker.startswith("Y") != (line.speaker == mistaken or rng.random() < 0.04)
        lines.append(replace(line, p_youth=sure[line.speaker] if youth else 1 - sure[line.speaker]))
    return replace(dialogue, lines=tuple(lines))
