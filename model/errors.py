"""Errors that state a fact and, where a person can act on it, say what to do."""


class LookforsError(Exception):
    """Base of every error Lookfors raises on purpose."""


class InputRefused(LookforsError):
    """Something handed in cannot be used.

    `code` is stable and machine-readable (`media.empty`), `fact` says what is wrong and where,
    `remedy` says what to do. `str(error)` is the two sentences a person reads.
    """

    def __init__(self, code: str, fact: str, remedy: str) -> None:
        super().__init__(f"{fact} {remedy}")
        self.code = code
        self.fact = fact
        self.remedy = remedy


class RubricInvalid(InputRefused):
    """A rubric pack breaks its format; `path` is the place inside the file, e.g. `criteria[2].levels`."""

    def __init__(self, source: str, path: str, fact: str, remedy: str) -> None:
        super().__init__("rubric.invalid", f"{source}: {path}: {fact}", remedy)
        self.source = source
        self.path = path


class TranscriptInvalid(InputRefused):
    """A transcript breaks its format; the fact names the place."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__("transcript.invalid", fact, remedy)
