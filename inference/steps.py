"""The steps of the pipeline, in order. Each reads the workspace, writes one result and returns a small summary.

The models are imported where they are used: who only wants the help text or a transcript's measures should not wait
for torch.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from inference.artefact import SHIPPED, read_manifest
from inference.cues import Telling
from inference.media import extract_audio, find_edits, load_audio, make_playback, probe, sound_warnings
from inference.media.probe import clock
from inference.moments import find_evidence
from inference.options import Options
from inference.workspace import Workspace
from model.errors import InputRefused
from model.formats.transcript_json import read_transcript_json
from model.formats.webvtt import read_webvtt
from model.indicators import looked_for_in
from model.measures import MIN_COVERAGE, Measure, measure
from model.preannotation import CODE_FLOOR, Codes, Media, MediaWarning, PreAnnotation, Version
from model.transcript import Role, SpeechHeard, Transcript

TRANSCRIPT_SUFFIXES = (".vtt", ".json")
_TRANSCRIPT_BYTES = 64 << 20  # far above days of captions
_TRANSCRIPT_UTTERANCES = 20_000  # about ten hours of lively talk

_TAGGING = 0.7  # of the time the indicators take; the rest goes into saying why

Tell = Callable[[float], None]
Summary = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Work:
    """One source on its way through the pipeline."""

    source: Path
    workspace: Workspace
    options: Options

    @property
    def handed_transcript(self) -> bool:
        """Whether the source is a transcript someone already has; then the media steps have nothing to do."""
        return self.source.suffix.lower() in TRANSCRIPT_SUFFIXES


Step = Callable[[Work, Tell], Summary]


def examine(work: Work, tell: Tell) -> Summary:
    """probe.json: what was handed in. Refuses what cannot be reviewed."""
    if work.handed_transcript:
        media = _media_of_transcript(work.source)
    else:
        media = probe(work.source)
        media = replace(media, warnings=(*_too_short(media, work.options), *media.warnings))
    work.workspace.write_media(media)
    return {"duration": media.duration, "warnings": [warning.code for warning in media.warnings]}


def copy_for_playback(work: Work, tell: Tell) -> Summary:
    """proxy.mp4, peaks.json, thumbnails: what a browser plays and draws."""
    make_playback(work.source, work.workspace.folder, media=work.workspace.read_media(), progress=tell)
    return {"bytes": work.workspace.path("proxy.mp4").stat().st_size}


def take_out_sound(work: Work, tell: Tell) -> Summary:
    """audio.wav (absent without sound) and sound.json: what is wrong with the sound, and where it looks cut."""
    media = work.workspace.read_media()
    wav = work.workspace.path("audio.wav")
    has_sound = extract_audio(work.source, wav, media=media)
    tell(0.5)
    warnings = sound_warnings(load_audio(wav)) if has_sound else ()
    edits = find_edits(work.source, media=media, kept=work.workspace.path("trace.npz"))
    work.workspace.write_warnings((*warnings, *_edited(edits)))
    return {"sound": has_sound, "edits": len(edits)}


def recognise(work: Work, tell: Tell) -> Summary:
    """recognised.json: the words and their times."""
    if not work.workspace.has("audio.wav"):
        work.workspace.write_recognised(None)
        return {"words": 0}
    from inference.transcribe import load_transcriber  # noqa: PLC0415 -- see above

    options = work.options
    transcriber = load_transcriber(options.engine, options.model, threads=options.threads)
    audio = load_audio(work.workspace.path("audio.wav"))
    recognised = transcriber.transcribe(audio, language=options.language, progress=tell)
    work.workspace.write_recognised(recognised)
    return {"words": len(recognised.words), "language": recognised.language}


def tell_speakers(work: Work, tell: Tell) -> Summary:
    """transcript.json: utterances with speakers and roles, and how much of the voice became words."""
    if work.handed_transcript:
        transcript, versions = _with_roles(_read_transcript(work.source))
    else:
        recognised = work.workspace.read_recognised()
        if recognised is None:
            transcript, versions = Transcript(utterances=(), speech=SpeechHeard(heard_s=0.0, recognised_s=0.0)), ()
        else:
            from inference.speakers import find_speakers  # noqa: PLC0415 -- see above
            from inference.utterances import build_transcript, speech_versions  # noqa: PLC0415 -- see above

            wav = work.workspace.path("audio.wav")
            speakers = find_speakers(wav, progress=tell)
            transcript = build_transcript(recognised, speakers, load_audio(wav))
            versions = speech_versions(recognised)
    work.workspace.write_transcript(transcript, versions)
    return {"utterances": len(transcript.utterances)}


def tag(work: Work, tell: Tell) -> Summary:
    """tagged.json: every code's probability for every utterance, and the words that carry what no cue explains."""
    transcript, _ = work.workspace.read_transcript()
    manifest = read_manifest(SHIPPED)
    codes, telling = tagged(transcript, tell)
    work.workspace.write_codes(codes, manifest.version, manifest.showing, telling)
    return {"utterances": len(codes)}


def tagged(transcript: Transcript, tell: Tell) -> tuple[Codes, Telling]:
    """What the shipped tagger says of a transcript, and the words that carry what no cue explains."""
    if not transcript.utterances:
        return (), {}
    from inference.tagger import load_tagger  # noqa: PLC0415 -- see above
    from inference.telling import tell_why  # noqa: PLC0415 -- see above

    tagger = load_tagger()
    codes = tagger.tag(transcript, progress=lambda share: tell(_TAGGING * share))
    return codes, tell_why(tagger, transcript, codes, progress=lambda share: tell(_TAGGING + (1 - _TAGGING) * share))


def put_together(work: Work, tell: Tell) -> Summary:
    """preannotation.json: evidence, measures, warnings and versions."""
    transcript, speech_versions = work.workspace.read_transcript()
    codes, tagger, showing, telling = work.workspace.read_codes()
    media = work.workspace.read_media()
    heard = () if work.handed_transcript else (*work.workspace.read_warnings(), *_speech_warnings(transcript, media))
    preannotation = PreAnnotation(
        media=replace(media, warnings=(*media.warnings, *heard, *_language_warnings(transcript))),
        transcript=transcript,
        codes=kept_codes(codes),
        evidence=find_evidence(transcript, codes, showing=showing, telling=telling),
        measures=measures_of(transcript, codes, duration_s=media.duration),
        versions=(*speech_versions, tagger, *_rubric_versions(work.options)),
    )
    work.workspace.write_preannotation(preannotation)
    return {"evidence": len(preannotation.evidence)}


def kept_codes(codes: Codes) -> Codes:
    """What of the codes goes into the document."""
    return tuple((utterance, tuple(pair for pair in row if pair[1] >= CODE_FLOOR)) for utterance, row in codes)


def measures_of(transcript: Transcript, codes: Codes, *, duration_s: float | None) -> tuple[Measure, ...]:
    """The measures; those that need codes say that there are none where the language is not understood."""
    return measure(transcript, codes if looked_for_in(transcript.language) else (), duration_s=duration_s)


# ---- transcripts handed in -----------------------------------------------------------------------------------------


def _read_transcript(source: Path) -> Transcript:
    if source.stat().st_size > _TRANSCRIPT_BYTES:
        raise InputRefused(
            "transcript.too_large",
            f"{source.name} is larger than {_TRANSCRIPT_BYTES >> 20} MiB, which no transcript of a session is.",
            "Hand in the transcript of one session.",
        )
    data = source.read_bytes()
    if not data.strip():
        raise InputRefused("transcript.empty", f"{source.name} is empty.", "Export the transcript again.")
    transcript = read_webvtt(data) if source.suffix.lower() == ".vtt" else read_transcript_json(data)
    if len(transcript.utterances) > _TRANSCRIPT_UTTERANCES:
        raise InputRefused(
            "transcript.too_large",
            f"{source.name} holds {len(transcript.utterances)} utterances; at most {_TRANSCRIPT_UTTERANCES} are read.",
            "Hand in the transcript of one session.",
        )
    return transcript


def _media_of_transcript(source: Path) -> Media:
    ends = [u.end for u in _read_transcript(source).utterances if u.end is not None]
    return Media(
        name=source.name,
        duration=max(ends, default=None),
        sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        size=source.stat().st_size,
        streams=(),
    )


def _with_roles(transcript: Transcript) -> tuple[Transcript, tuple[Version, ...]]:
    """Names the roles nobody wrote down, from what each voice says; roles that are given stay as they are."""
    if all(u.role is not Role.UNKNOWN for u in transcript.utterances):
        return transcript, ()
    from inference.roles import Said, name_roles, roles_version  # noqa: PLC0415 -- see above

    said = [Said(speaker=u.speaker, text=u.text) for u in transcript.utterances]
    named = zip(transcript.utterances, name_roles(said, language=transcript.language or "en"), strict=True)
    utterances = tuple(
        replace(u, role=role, role_p=role_p) if u.role is Role.UNKNOWN else u for u, (role, role_p) in named
    )
    return replace(transcript, utterances=utterances), (roles_version(),)


# ---- what a reviewer should know before watching -------------------------------------------------------------------


def _too_short(media: Media, options: Options) -> tuple[MediaWarning, ...]:
    """Against the rubric that asks for most, by more than its tolerance."""
    asking = [(r.evidence.video_min_s, r) for r in options.rubrics if r.evidence.video_min_s is not None]
    if not asking or media.duration is None:
        return ()
    asked, rubric = max(asking, key=lambda pair: pair[0])
    if media.duration >= asked - rubric.evidence.tolerance_s:
        return ()
    text = f"The recording is {clock(media.duration)} long; the rubric “{rubric.title}” asks for {clock(asked)}."
    return (MediaWarning(code="too_short", text=text),)


def _edited(edits: tuple[float, ...]) -> tuple[MediaWarning, ...]:
    if not edits:
        return ()
    shown = ", ".join(clock(at) for at in edits[:5]) + (", …" if len(edits) > 5 else "")
    places = "place" if len(edits) == 1 else "places"
    text = f"The recording looks cut in {len(edits)} {places}: {shown}."
    return (MediaWarning(code="edited", text=text, at=edits),)


def _speech_warnings(transcript: Transcript, media: Media) -> tuple[MediaWarning, ...]:
    speech = transcript.speech
    silent = any(warning.code == "no_audio" and not warning.at for warning in media.warnings)
    if speech is None or silent:
        return ()
    if not transcript.utterances:
        return (MediaWarning(code="no_speech", text="No speech was recognised, so nothing can be pointed to."),)
    if speech.coverage is not None and speech.coverage < MIN_COVERAGE:
        text = (
            f"Only {speech.coverage:.0%} of the voice that is heard could be recognised: "
            "much of what was said is missing here, most likely the youths'."
        )
        return (MediaWarning(code="low_coverage", text=text),)
    return ()


def _language_warnings(transcript: Transcript) -> tuple[MediaWarning, ...]:
    if looked_for_in(transcript.language):
        return ()
    text = f"The language seems to be “{transcript.language}”; indicators are looked for in English only."
    return (MediaWarning(code="language", text=text),)


def _rubric_versions(options: Options) -> tuple[Version, ...]:
    return tuple(
        Version(part="rubric", name=f"{rubric.id} {rubric.version}", sha256=rubric.content_hash, licence="")
        for rubric in options.rubrics
    )
