"""From a stranger's file to picture, sound and facts that the rest may rely on."""

from inference.media.continuity import find_edits
from inference.media.fence import Bounds, DiskFull, FfmpegFailed, MediaTimedOut
from inference.media.playback import make_playback
from inference.media.probe import Limits, probe
from inference.media.sound import extract_audio, load_audio, sound_warnings

__all__ = [
    "Bounds",
    "DiskFull",
    "FfmpegFailed",
    "Limits",
    "MediaTimedOut",
    "extract_audio",
    "find_edits",
    "load_audio",
    "make_playback",
    "probe",
    "sound_warnings",
]
