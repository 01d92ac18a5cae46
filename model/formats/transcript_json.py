"""Transcripts someone already has, as JSON: `{"utterances": [{speaker?, role?, start?, end?, text}], "language"?}`.

Format: docs/formats/transcript.md. A `lookfors.preannotation/1` document is one too.
"""

from model.errors import LookforsError, TranscriptInvalid
from model.formats.reading import Place, parse_json
from model.formats.voices import Voices, certainty, role_of_label
from model.transcript import Role, Transcript, Utterance


def read_transcript_json(data: bytes) -> Transcript:
    """Utterances in order of time where all have times, else in the order given; ids are given anew: u1, u2, …

    A role that is absent is taken from the speaker label where that names one ("Student 2"), else it is unknown.
    Raises TranscriptInvalid naming the place, such as `utterances[3].end`.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TranscriptInvalid("The file is not UTF-8 text.", "Save it as UTF-8.") from error
    root = parse_json(text, refuse=_refuse)
    language = root.get("language")
    items = root["utterances"].items(at_least=1)
    voices = Voices()
    spoken = [_utterance(item, voices) for item in items]
    if all(u.start is not None for u in spoken):
        spoken.sort(key=lambda u: u.start or 0.0)
    return Transcript(utterances=tuple(_numbered(spoken)), language=language.text() if language else None)


def _refuse(path: str, fact: str, remedy: str) -> LookforsError:
    return TranscriptInvalid(f"{path}: {fact}", remedy)


def _utterance(place: Place, voices: Voices) -> Utterance:
    speaker, start, end = place.get("speaker"), place.get("start"), place.get("end")
    if (start is None) != (end is None):
        missing = "end" if end is None else "start"
        raise place.wrong(f"there is no `{missing}` beside the other time.", "Give both times or leave both out.")
    begins = start.number(low=0.0) if start else None
    ends = end.number(low=0.0) if end else None
    if end is not None and begins is not None and ends is not None and ends < begins:
        raise end.wrong(f"{ends:g} s is before the start at {begins:g} s.", "Correct the times, in seconds.")
    label = _label(speaker) if speaker else None
    role = _role(place.get("role"), label)
    return Utterance(
        id="u0",
        start=begins,
        end=ends,
        speaker=voices.name(label),
        role=role,
        role_p=certainty(role),
        text=" ".join(place["text"].text(empty=True).split()),
    )


def _label(speaker: Place) -> str:
    """A label may be a number: many tools count their speakers."""
    return str(speaker.value) if isinstance(speaker.value, int) else speaker.text(empty=True)


def _role(role: Place | None, label: str | None) -> Role:
    if role is None:
        return (role_of_label(label) if label else None) or Role.UNKNOWN
    named = role_of_label(role.text())
    if named is None:
        raise role.wrong(f"“{role.value}” is no role.", "Write facilitator, youth or unknown, or leave it out.")
    return named


def _numbered(spoken: list[Utterance]) -> list[Utterance]:
    kept = [u for u in spoken if u.text]
    return [
        Utterance(
            id=f"u{number}", start=u.start, end=u.end, speaker=u.speaker, role=u.role, role_p=u.role_p, text=u.text
        )
        for number, u in enumerate(kept, start=1)
    ]
