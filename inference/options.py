"""What a run of the pipeline may be asked to do otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from inference.transcribe import DEFAULT_ENGINE, DEFAULT_MODEL, ENGINES
from model.errors import InputRefused
from model.formats.reading import Place
from model.rubric import Rubric
from model.rubric_pack import rubric_from_document, shipped_rubrics

_FIELDS = ("engine", "model", "language", "threads", "playback", "rubrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    engine: str = DEFAULT_ENGINE
    model: str = DEFAULT_MODEL  # name of a speech model, or a folder or file that holds one
    language: str | None = None  # ISO 639-1; None: found by listening
    threads: int = 2  # processor threads for the speech model
    playback: bool = True  # make the copy that a browser plays, with its waveform and thumbnails
    rubrics: tuple[Rubric, ...] = ()  # what they ask of a video is checked, their hashes go into the document

    def shaping(self) -> Mapping[str, object]:
        """What shapes the results: a change of it makes them stale. `threads` is not among it.

        Nor are the models' versions: each result says itself which made it, and a run that an upgrade interrupts goes
        on with the newer models from where it was.
        """
        return {
            "engine": self.engine,
            "model": self.model,
            "language": self.language,
            "playback": self.playback,
            "rubrics": [rubric.content_hash for rubric in self.rubrics],
        }

    def to_document(self) -> dict[str, object]:
        """For `inference.stage --options`."""
        return {
            "engine": self.engine,
            "model": self.model,
            "language": self.language,
            "threads": self.threads,
            "playback": self.playback,
            "rubrics": [rubric.to_document() for rubric in self.rubrics],
        }


DEFAULT = Options()


def options_from_document(document: Mapping[str, object]) -> Options:
    """Every field may be left out. `rubrics` holds ids of shipped packs or whole rubric documents.

    Raises InputRefused `options.invalid` naming the field, RubricInvalid.
    """

    def refuse(path: str, fact: str, remedy: str) -> InputRefused:
        return InputRefused("options.invalid", f"Options: {path}: {fact}", remedy)

    root = Place(document, "", refuse)
    root.only(_FIELDS)
    engine, model, language = root.get("engine"), root.get("model"), root.get("language")
    threads, playback, rubrics = root.get("threads"), root.get("playback"), root.get("rubrics")
    return Options(
        engine=engine.choice(ENGINES) if engine else DEFAULT.engine,
        model=model.text() if model else DEFAULT.model,
        language=language.text() if language else None,
        threads=threads.integer(low=1) if threads else DEFAULT.threads,
        playback=playback.flag() if playback else DEFAULT.playback,
        rubrics=tuple(_rubric(item) for item in rubrics.items()) if rubrics else (),
    )


def _rubric(place: Place) -> Rubric:
    if isinstance(place.value, str):
        shipped = {rubric.id: rubric for rubric in shipped_rubrics()}
        return shipped[place.choice(tuple(shipped))]
    return rubric_from_document(place.mapping(), source=f"Options: {place.path}")
