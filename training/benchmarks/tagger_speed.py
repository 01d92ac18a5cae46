"""How many utterances a second the shipped tagger reads on one core: `python -m training.benchmarks.tagger_speed`.

The process is held to one core and every library to one thread, so that seconds by the clock and CPU seconds agree:
threads that wait in a loop for work on another core would cost CPU seconds and gain nothing.
"""

import os
import time

import torch
from threadpoolctl import threadpool_limits

from inference.tagger import load_tagger
from training.corpora.dialogues import OWN, read_dialogues

ROUNDS = 3


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    tagger = load_tagger()
    dialogues = read_dialogues(OWN / "train")
    lines = sum(len(dialogue.lines) for dialogue in dialogues)
    with threadpool_limits(1):
        for _ in range(ROUNDS):
            wall, cpu = time.perf_counter(), time.process_time()
            for dialogue in dialogues:
                tagger.probabilities(dialogue.as_lines())
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            print(f"{lines} utterances: {lines / cpu:.0f} a CPU second, {lines / wall:.0f} a second as the clock went")


if __name__ == "__main__":
    main()
