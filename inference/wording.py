"""Rules that every recogniser's words must pass before a person or a model reads them.

Whisper is known to invent text where nobody speaks, to repeat a phrase without end, and to stretch a word over a
pause. Each rule below removes one of these and nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace

from inference.voice import Span
from model.transcript import Word

UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "my", "yue", "km", "bo"})

_LOOP_WORDS = 8  # longest phrase looked for in a loop
_LOOP_TIMES = 4  # children do say "no no no"; four times in a row without a change is a loop
_LOOP_KEPT = 2
_SLACK_S = 0.3  # cross-attention times are that loose
_LONGEST_WORD_S = 2.0
_SHORTEST_WORD_S = 0.02


def whole_words(pieces: Sequence[Word], *, language: str | None) -> tuple[Word, ...]:
    """Pieces of one word (`well`, `-known`, `'s`) as one word; engines mark a new word by a leading space."""
    joined: list[Word] = []
    for piece in pieces:
        fresh = piece.text[:1].isspace() or language in UNSPACED_LANGUAGES
        text = piece.text.strip()
        if not text:
            continue
        if joined and not fresh:
            last = joined[-1]
            joined[-1] = Word(
                text=last.text + text, start=last.start, end=max(last.end, piece.end), p=min(last.p, piece.p)
            )
        else:
            joined.append(replace(piece, text=text))
    return tuple(joined)


def without_loops(words: Sequence[Word]) -> tuple[Word, ...]:
    """A phrase repeated four times or more in a row is kept twice."""
    kept: list[Word] = []
    folded = [_folded(word) for word in words]
    at = 0
    while at < len(words):
        length, times = _loop(folded, at)
        if times >= _LOOP_TIMES:
            kept += words[at : at + length * _LOOP_KEPT]
            at += length * times
        else:
            kept.append(words[at])
            at += 1
    return tuple(kept)


def _loop(folded: Sequence[str], at: int) -> tuple[int, int]:
    """Length and count of the phrase that repeats from `at` most often."""
    best = (1, 1)
    for length in range(1, _LOOP_WORDS + 1):
        phrase = folded[at : at + length]
        times = 1
        while folded[at + length * times : at + length * (times + 1)] == phrase:
            times += 1
        if times > best[1]:
            best = (length, times)
    return best


def _folded(word: Word) -> str:
    return "".join(letter for letter in word.text.casefold() if letter.isalnum()) or word.text


def inside_voice(words: Sequence[Word], voice: Sequence[Span]) -> tuple[Word, ...]:
    """Words with a voice under them or within _SLACK_S, each trimmed to the voice it lies on most."""
    kept: list[Word] = []
    for word in words:
        span = (word.start, max(word.end, word.start + _SHORTEST_WORD_S))
        near = [piece for piece in voice if piece[0] - _SLACK_S < span[1] and span[0] < piece[1] + _SLACK_S]
        if not near:
            continue
        under = [(max(span[0], piece[0]), min(span[1], piece[1])) for piece in near]
        start, end = max(under, key=lambda shared: shared[1] - shared[0])
        kept.append(replace(word, start=start, end=end) if end - start >= _SHORTEST_WORD_S else word)
    return tuple(kept)


def orderly(words: Sequence[Word], *, duration: float) -> tuple[Word, ...]:
    """The same words with times inside [0, duration], starts never falling, and no word over 2 s long.

    A word longer than that was stretched back over a pause: its end is what was heard.
    """
    placed: list[Word] = []
    floor = 0.0
    for word in words:
        end = min(max(word.end, 0.0), duration)
        start = max(word.start, floor, end - _LONGEST_WORD_S, 0.0)
        start = min(start, max(duration - _SHORTEST_WORD_S, 0.0))
        end = max(end, min(start + _SHORTEST_WORD_S, duration))
        placed.append(replace(word, start=round(start, 3), end=round(end, 3)))
        floor = placed[-1].start
    return tuple(placed)
