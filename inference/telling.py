"""Which words of a flagged utterance the tagger goes by, where none of the known cues is in it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inference.cues import Telling
from inference.encoder import Progress
from inference.features import Line, lines_of
from inference.moments import unexplained
from inference.showing import Reading
from inference.tagger import Tagger
from model.preannotation import Codes
from model.transcript import Transcript

AROUND = 5  # lines on either side that are read with the one in question
RUN = 4  # words left out at once; more where an utterance is so long that some would be passed over
TRIES = 24  # readings of one utterance at most
FALL = 0.5  # share of the chance that has to remain at most, for words to count as what it hangs on

Chances = Callable[[Sequence[tuple[Line, ...]], int], Sequence[float]]  # of one place in each conversation


def tell_why(tagger: Tagger, transcript: Transcript, codes: Codes, *, progress: Progress) -> Telling:
    """For every moment without a known cue, the words that carry it; those that hang on no words are left out."""
    lines = lines_of(transcript)
    found = {}
    todo = unexplained(transcript, codes, showing=tagger.manifest.showing)
    for i, (at, indicator, code) in enumerate(todo):
        progress(i / len(todo))
        words = telling_words(lines, at, _chances(tagger, tagger.manifest.showing[indicator]))
        if words:
            found[(transcript.utterances[at].id, code)] = words
    return found


def telling_words(lines: Sequence[Line], at: int, chances: Chances) -> str:
    """The run of words whose absence from line `at` lowers its chance most, if it falls to half or less; else empty.

    Occlusion (Zeiler & Fergus 2014, on words): the line is read again with each run left out in turn, so what is told
    is what the verdict depends on and not what looks plausible.
    """
    first = max(0, at - AROUND)
    around = tuple(lines[first : at + AROUND + 1])
    place, tokens = at - first, lines[at].text.split()
    step = max(1, len(tokens) // TRIES)
    run = max(step, min(RUN, len(tokens) // 2))
    starts = range(0, len(tokens) - run + 1, step)

    def without(start: int) -> tuple[Line, ...]:
        rest = replace(around[place], text=" ".join([*tokens[:start], *tokens[start + run :]]))
        return (*around[:place], rest, *around[place + 1 :])

    if len(tokens) < 2:  # nothing would be left
        return ""
    whole, *shortened = chances([around, *(without(start) for start in starts)], place)
    least, start = min(zip(shortened, starts, strict=True))
    if least > FALL * whole:
        return ""
    # Whole, function words too: "like when you" is what makes a likeness of everyday life.
    return " ".join(tokens[start : start + run]).strip(".,;:!?…")


def _chances(tagger: Tagger, reading: Reading) -> Chances:
    def read(conversations: Sequence[tuple[Line, ...]], at: int) -> Sequence[float]:
        p: NDArray[np.float64] = np.stack([told[at] for told in tagger.side_by_side(conversations)])
        chance = reading.probability({code: p[:, k] for k, code in enumerate(tagger.manifest.codes)})
        return [float(value) for value in chance]

    return read
