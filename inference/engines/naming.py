"""What to say when a speech model that was asked for cannot be had."""

from collections.abc import Iterable

from model.errors import InputRefused


def unavailable(name: str, *, names: Iterable[str] = ()) -> InputRefused:
    """The refusal for a model name: unknown where `names` (the known ones) are given, else not downloadable."""
    known = ", ".join(names)
    if known:
        return InputRefused(
            "model.unknown",
            f"There is no speech model called {name!r}, and no folder of that name.",
            f"Use base, which needs no network, a folder, or one of {known}.",
        )
    return InputRefused(
        "model.unavailable",
        f"The speech model {name!r} is not on this machine and could not be downloaded.",
        "Connect to a network once, give the path of a folder that holds it, or use the model base.",
    )
