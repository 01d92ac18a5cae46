"""Which container a file really is, told from its first bytes, never from its name.

Only the demuxers listed here are ever opened. Playlists, DASH and SDP descriptions, concat scripts and
subtitle files name other files or addresses, and libav would follow them: they are recognised to be refused.
"""

from pathlib import Path

from model.errors import InputRefused

# Demuxers that hold their media inside themselves, by libav's names; a whitelist entry may be any one alias.
DEMUXERS: tuple[str, ...] = (
    "mov", "matroska", "avi", "mpegts", "mpeg", "asf", "flv", "mp3", "wav", "flac", "ogg", "aac", "aiff", "caf", "amr",
)  # fmt: skip
# Containers that state their length in a header which a whole file honours. The others only estimate it.
STATED_LENGTH: frozenset[str] = frozenset({"mov", "matroska", "avi", "asf", "flv", "wav", "caf"})

_HEAD_BYTES = 4096
_TS_PACKET = 188  # bytes; ISO/IEC 13818-1
_EXPORT = "Export the recording as MP4 (H.264 picture, AAC sound) and send that."
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx "})
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"caff", "caf"),
    (b"#!AMR", "amr"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
)
_CHUNKED: dict[bytes, str] = {b"AVI ": "avi", b"WAVE": "wav", b"AIFF": "aiff", b"AIFC": "aiff"}
_POINTERS = (b"#extm3u", b"ffconcat", b"[playlist]", b"<smil", b"<mpd", b"v=0")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")


def container_of(path: Path) -> str:
    """The demuxer to open `path` with.

    Raises `InputRefused` for a missing, empty, textual or unknown file and for anything that points elsewhere.
    """
    if not path.is_file():
        raise InputRefused("media.missing", "The recording is not there, or is not an ordinary file.", "Send it again.")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise InputRefused(
            "media.empty",
            "The file is empty (0 bytes).",
            "Copy the recording again from the camera or phone, see that it plays, and send it again.",
        )
    found = _demuxer(head)
    if found is None:
        raise _refusal(head)
    return found


def _demuxer(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _PICTURE_BRANDS else "mov"
    if head[4:8] in _QUICKTIME_BOXES:
        return "mov"
    if head[:4] in (b"RIFF", b"RF64", b"FORM"):
        return _CHUNKED.get(head[8:12])
    prefixed = next((name for prefix, name in _PREFIXES if head.startswith(prefix)), None)
    return prefixed or ("mpegts" if _is_transport_stream(head) else _frame_sync(head))


def _is_transport_stream(head: bytes) -> bool:
    """A sync byte at the start of each of three packets; camcorders put four time bytes before each packet."""
    plain = (0, _TS_PACKET, 2 * _TS_PACKET)
    timed = tuple(4 + i * (_TS_PACKET + 4) for i in range(3))
    return any(len(head) > at[-1] and all(head[i] == 0x47 for i in at) for at in (plain, timed))


def _frame_sync(head: bytes) -> str | None:
    """MPEG audio and ADTS share a twelve-bit sync word; two layer bits of zero mean ADTS (ISO/IEC 13818-7)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[2] == 0xFF:
        return None
    if head[1] & 0x06 == 0:
        return "aac" if head[1] & 0xF0 == 0xF0 else None
    return "mp3"


def _refusal(head: bytes) -> InputRefused:
    opening = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith(_POINTERS) or b"<mpd" in opening[:400]:
        return InputRefused(
            "media.playlist",
            "The file is a playlist: it holds no recording, only pointers to others.",
            "Download the recording itself and send that file.",
        )
    if head.startswith(_PICTURES) or head[4:8] == b"ftyp":
        return InputRefused(
            "media.picture", "The file is a photograph, not a recording.", "Choose the video file and send that."
        )
    if _is_text(head):
        return InputRefused(
            "media.text",
            "The file holds text, not a recording, whatever its name says.",
            "Choose the video file itself and send that.",
        )
    return InputRefused("media.format", "The file is in no video or audio format that can be read here.", _EXPORT)


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head[: len(head) - 4 if len(head) == _HEAD_BYTES else None].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 8  # a letter cut in two by the end of what was read
    return True
