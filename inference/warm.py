"""`python -m inference.warm`: joins and checks the speech weights and compiles the speaker model once.

Set-up calls it, so that a newcomer's first video does not wait for what happens once per machine.
"""

import sys

from inference.speakers import warm
from inference.weights import whisper_base


def main() -> None:
    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    say(f"Speech weights joined and checked: {whisper_base()}")
    warm(say)


if __name__ == "__main__":
    main()
