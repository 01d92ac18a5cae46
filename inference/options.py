"""What a run of the pipeline may be asked to do otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from inference.artefact import SHIPPED, read_manifest
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

    def made_with(self) -> Mapping[str, object]:
        """What results depend on besides the source. Changes of it make results stale; `threads` does not."""
        return {
            "lookfors": metadata.version("lookfors"),
            "engine": self.engine,
            "model": self.model,
            "language": self.language,
            "playback": self.playback,
            "rubrics": [rubric.content_hash for rubric in self.rubrics],
            "tagger": read_manifest(SHIPPED).weights_sha256,
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
