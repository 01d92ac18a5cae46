"""The folder in which one source becomes a pre-annotation: every stage's result, whole or not there.

A workspace belongs to one source and one set of options. Opened for others, it is emptied of results first, so that
nothing stale is ever taken for done.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from inference.cues import Telling
from inference.media.scratch import scratch
from inference.showing import Reading, Showing, showing_document
from inference.transcribe import Recognised, Segment
from model.errors import LookforsError
from model.formats.reading import Place
from model.indicators import Indicator
from model.preannotation import (
    Codes,
    Media,
    MediaWarning,
    PreAnnotation,
    Version,
    from_document,
    media_document,
    media_from,
    to_document,
    transcript_document,
    transcript_from,
    warning_document,
    warning_from,
)
from model.transcript import Transcript, Word

_RESULTS = (
    "probe.json",
    "proxy.mp4",
    "peaks.json",
    "thumbnails.jpg",
    "thumbnails.json",
    "trace.npz",
    "audio.wav",
    "sound.json",
    "recognised.json",
    "transcript.json",
    "tagged.json",
    "preannotation.json",
)
_READ_OFF = ("tagged.json", "preannotation.json")
_EDGE = 1 << 20  # bytes read at each end of the source for its fingerprint


class WorkspaceDamaged(LookforsError):
    """A result in a workspace cannot be read; the stage that makes it has to run again."""

    def __init__(self, path: str, fact: str) -> None:
        super().__init__(f"The workspace is damaged at {path}: {fact} Empty it and start again.")


class Workspace:
    """Reads and writes the results of the stages in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def has(self, name: str) -> bool:
        return self.path(name).is_file()

    def bind(self, source: Path, options: Mapping[str, object], *, tagger: str) -> None:
        """Tie the folder to `source` and `options`; results of others in it are removed.

        Those of another `tagger` (a digest) are removed too: what was heard stands, what was read off it does not.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp = {"source": fingerprint(source), "options": json.loads(json.dumps(options)), "tagger": tagger}
        found = self._stamp()
        if found == stamp:
            return
        if not isinstance(found, dict) or {**found, "tagger": tagger} != stamp:
            self.clear()
        for name in _READ_OFF:
            self.path(name).unlink(missing_ok=True)
        self.write_json("stamp.json", stamp)

    def clear(self) -> None:
        """Removes every result; files of others in the folder are left alone."""
        for name in ("stamp.json", *_RESULTS):
            self.path(name).unlink(missing_ok=True)

    def _stamp(self) -> object:
        try:
            return json.loads(self.path("stamp.json").read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def write_json(self, name: str, document: object) -> None:
        """Appears whole or not at all."""
        with scratch(self.folder) as making:
            draft = making / name
            draft.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
            draft.replace(self.path(name))

    def read_json(self, name: str) -> Place:
        """The root of a result. Raises WorkspaceDamaged, FileNotFoundError."""

        def refuse(path: str, fact: str, remedy: str) -> LookforsError:
            return WorkspaceDamaged(f"{name}: {path}", fact)

        try:
            document = json.loads(self.path(name).read_bytes())
        except ValueError as error:
            raise WorkspaceDamaged(name, "it is not JSON.") from error
        return Place(document, "", refuse)

    # ---- what each stage leaves ------------------------------------------------------------------------------------

    def write_media(self, media: Media) -> None:
        self.write_json("probe.json", media_document(media))

    def read_media(self) -> Media:
        return media_from(self.read_json("probe.json"))

    def write_warnings(self, warnings: tuple[MediaWarning, ...]) -> None:
        self.write_json("sound.json", {"warnings": [warning_document(warning) for warning in warnings]})

    def read_warnings(self) -> tuple[MediaWarning, ...]:
        return tuple(warning_from(item) for item in self.read_json("sound.json")["warnings"].items())

    def write_recognised(self, recognised: Recognised | None) -> None:
        self.write_json("recognised.json", None if recognised is None else _recognised_document(recognised))

    def read_recognised(self) -> Recognised | None:
        """None where there was no sound to recognise."""
        root = self.read_json("recognised.json")
        return None if root.value is None else _recognised_from(root)

    def write_transcript(self, transcript: Transcript, versions: tuple[Version, ...]) -> None:
        document = transcript_document(transcript) | {"versions": [_version_document(v) for v in versions]}
        self.write_json("transcript.json", document)

    def read_transcript(self) -> tuple[Transcript, tuple[Version, ...]]:
        root = self.read_json("transcript.json")
        return transcript_from(root), tuple(_version_from(item) for item in root["versions"].items())

    def write_codes(self, codes: Codes, tagger: Version, showing: Showing, telling: Telling) -> None:
        document = {
            "tagger": _version_document(tagger),
            "showing": showing_document(showing),
            "codes": [[utterance, dict(row)] for utterance, row in codes],
            "telling": [{"utterance": at, "code": code, "words": words} for (at, code), words in telling.items()],
        }
        self.write_json("tagged.json", document)

    def read_codes(self) -> tuple[Codes, Version, dict[Indicator, Reading], Telling]:
        """Every code's probability for every utterance, the tagger that gave them, what it shows of them and why."""
        root = self.read_json("tagged.json")
        rows = [row.items() for row in root["codes"].items()]
        codes = tuple((utterance.text(), _numbers(p)) for utterance, p in rows)
        telling = {
            (one["utterance"].text(), one["code"].text()): one["words"].text() for one in root["telling"].items()
        }
        return codes, _version_from(root["tagger"]), _showing_from(root["showing"]), telling

    def write_preannotation(self, preannotation: PreAnnotation) -> None:
        self.write_json("preannotation.json", to_document(preannotation))

    def read_preannotation(self) -> PreAnnotation:
        return from_document(self.read_json("preannotation.json").mapping())


def _showing_from(place: Place) -> dict[Indicator, Reading]:
    return {
        indicator: Reading(
            weights=_numbers(one["weights"]),
            any_weight=one["any_weight"].number(),
            intercept=one["intercept"].number(),
            threshold=one["threshold"].number(),
        )
        for indicator, one in ((indicator, place[str(indicator)]) for indicator in Indicator)
    }


def fingerprint(source: Path) -> str:
    """SHA-256 over size, first and last MiB: cheap, and not fooled by a copy with another date."""
    size = source.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with source.open("rb") as file:
        digest.update(file.read(_EDGE))
        file.seek(max(0, size - _EDGE))
        digest.update(file.read(_EDGE))
    return digest.hexdigest()


def _version_document(version: Version) -> dict[str, object]:
    return {"part": version.part, "name": version.name, "sha256": version.sha256, "licence": version.licence}


def _version_from(place: Place) -> Version:
    return Version(
        part=place["part"].text(),
        name=place["name"].text(),
        sha256=place["sha256"].text(empty=True),
        licence=place["licence"].text(empty=True),
    )


def _numbers(place: Place) -> tuple[tuple[str, float], ...]:
    return tuple((name, place[name].number()) for name in place.mapping())


def _recognised_document(recognised: Recognised) -> dict[str, object]:
    return {
        "language": recognised.language,
        "language_p": recognised.language_p,
        "version": _version_document(recognised.version),
        "voice": [list(span) for span in recognised.voice],
        "segments": [
            {
                "start": segment.start,
                "end": segment.end,
                "no_speech_p": segment.no_speech_p,
                "mean_logp": segment.mean_logp,
                "words": [{"text": w.text, "start": w.start, "end": w.end, "p": w.p} for w in segment.words],
            }
            for segment in recognised.segments
        ],
    }


def _recognised_from(root: Place) -> Recognised:
    language = root.get("language")
    return Recognised(
        segments=tuple(_segment(item) for item in root["segments"].items()),
        language=language.text() if language else None,
        language_p=root["language_p"].number(),
        voice=tuple((span.items()[0].number(), span.items()[1].number()) for span in root["voice"].items()),
        version=_version_from(root["version"]),
    )


def _segment(place: Place) -> Segment:
    return Segment(
        start=place["start"].number(),
        end=place["end"].number(),
        no_speech_p=place["no_speech_p"].number(),
        mean_logp=place["mean_logp"].number(),
        words=tuple(
            Word(
                text=word["text"].text(empty=True),
                start=word["start"].number(),
                end=word["end"].number(),
                p=word["p"].number(),
            )
            for word in place["words"].items()
        ),
    )
