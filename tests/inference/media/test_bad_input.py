"""Every kind of recording a stranger may send either works or is refused in two plain sentences, and leaves nothing."""

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.media import Limits, extract_audio, find_edits, load_audio, make_playback, probe, sound_warnings
from inference.media.scratch import scratch
from model.errors import InputRefused
from tests.inference.media.made import VOICE, boxes, clip, ffmpeg, loudest, state_length

Maker = Callable[[Path], Path]
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def empty(folder: Path) -> Path:
    path = folder / "empty.mp4"
    path.touch()
    return path


def text(folder: Path) -> Path:
    path = folder / "notes.mp4"
    path.write_text("Dear reviewer, my phone would not upload the video, so here is what happened. " * 20)
    return path


def photo(folder: Path) -> Path:
    path = folder / "photo.mp4"
    path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(500))
    return path


def noise(folder: Path) -> Path:
    path = folder / "noise.mp4"
    path.write_bytes(bytes((i * 7919 + 13) % 251 for i in range(100_000)))
    return path


def playlist(folder: Path) -> Path:
    path = folder / "playlist.mp4"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{folder}/other.ts\n#EXT-X-ENDLIST\n")
    return path


def concat_script(folder: Path) -> Path:
    path = folder / "concat.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{folder}/other.ts'\n")
    return path


def no_index(folder: Path) -> Path:
    """Recording stopped by an empty battery: the index is written last."""
    path = clip(folder / "no-index.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def cut_short(folder: Path) -> Path:
    """The index comes first, so the file opens; the second half of the data never arrived."""
    path = clip(folder / "cut.mp4", "-movflags", "+faststart", seconds=30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def zero_filled(folder: Path) -> Path:
    """A download that reserved its space and stopped: the length is right, the last half is zeros."""
    path = clip(folder / "zeros.mp4", "-movflags", "+faststart", *H264, "-g", "25", seconds=30)
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half:] = bytes(len(data) - half)
    path.write_bytes(bytes(data))
    return path


def header_only(folder: Path) -> Path:
    path = clip(folder / "header.mp4", "-movflags", "+faststart")
    data = path.read_bytes()
    start = next(start for name, start, _ in boxes(data) if name == b"mdat")
    path.write_bytes(data[:start])
    return path


def eleven_hours(folder: Path) -> Path:
    """Eleven hours of black are a few kilobytes to send and a day to transcribe."""
    return clip(folder / "eleven-hours.mp4", picture="color=black:s=64x64:r=1/3600", seconds=11 * 3600, sound=None)


def eleven_stated_hours(folder: Path) -> Path:
    path = clip(folder / "stated.mkv")
    state_length(path, 11 * 3600)
    return path


def bomb(folder: Path) -> Path:
    return clip(folder / "bomb.mp4", picture="color=black:s=7680x7680:r=1", seconds=2, sound=None)


def slip_of_the_finger(folder: Path) -> Path:
    return clip(folder / "slip.mp4", seconds=0.2)


def unknown_codec(folder: Path) -> Path:
    path = clip(folder / "codec.mp4", sound=None)
    data = path.read_bytes().replace(b"avc1", b"zzz9")
    path.write_bytes(data)
    return path


REFUSED: tuple[tuple[Maker, str], ...] = (
    (empty, "media.empty"),
    (text, "media.text"),
    (photo, "media.picture"),
    (noise, "media.format"),
    (playlist, "media.playlist"),
    (concat_script, "media.playlist"),
    (no_index, "media.truncated"),
    (cut_short, "media.truncated"),
    (zero_filled, "media.truncated"),
    (header_only, "media.no_data"),
    (eleven_hours, "media.too_long"),
    (eleven_stated_hours, "media.too_long"),
    (bomb, "media.too_many_pixels"),
    (slip_of_the_finger, "media.too_brief"),
    (unknown_codec, "media.codec"),
)


@pytest.mark.parametrize(("make", "code"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_what_cannot_be_reviewed_is_refused_in_two_sentences(tmp_path: Path, make: Maker, code: str) -> None:
    path = make(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputRefused) as refusal:
        probe(path)
    assert refusal.value.code == code
    for sentence in (refusal.value.fact, refusal.value.remedy):
        assert sentence.endswith(".")
        assert str(tmp_path) not in sentence
    assert sorted(tmp_path.iterdir()) == before


def plain(folder: Path) -> Path:
    return clip(folder / "plain.mp4")


def no_audio(folder: Path) -> Path:
    return clip(folder / "mute.mp4", sound=None)


def silence(folder: Path) -> Path:
    return clip(folder / "silence.mp4", sound="anullsrc=r=48000:cl=stereo")


def music(folder: Path) -> Path:
    chord = "aevalsrc='0.2*sin(2*PI*262*t)+0.2*sin(2*PI*330*t)+0.2*sin(2*PI*392*t)':s=44100"
    return clip(folder / "music.mp3", picture=None, sound=chord)


def upright_phone(folder: Path) -> Path:
    lying = clip(folder / "lying.mov", "-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1")
    out = folder / "upright.mov"
    ffmpeg("-display_rotation", "90", "-i", str(lying), "-c", "copy", str(out))
    lying.unlink()
    return out


def vp9(folder: Path) -> Path:
    codecs = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")
    return clip(folder / "browser.webm", *codecs)


def no_stated_length(folder: Path) -> Path:
    """What a browser's recorder writes: a live stream saved to a file, with no length in its header."""
    codecs = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-live", "1")
    return clip(folder / "recorder.webm", *codecs)


def variable_rate(folder: Path) -> Path:
    """Twenty-five frames a second for a while, then five."""
    return clip(folder / "vfr.mp4", "-vf", r"select='lt(t\,1)+not(mod(n\,5))'", "-fps_mode", "vfr", *H264)


def telephone(folder: Path) -> Path:
    return clip(folder / "telephone.wav", "-ac", "1", "-ar", "8000", picture=None)


def two_tracks(folder: Path) -> Path:
    """The first sound track is an unplugged microphone."""
    out = folder / "two.mp4"
    ffmpeg(
        "-f", "lavfi", "-t", "3", "-i", "testsrc2=s=320x180:r=25",
        "-f", "lavfi", "-t", "3", "-i", "anullsrc=r=48000:cl=mono",
        "-f", "lavfi", "-t", "3", "-i", VOICE,
        "-map", "0:v", "-map", "1:a", "-map", "2:a", *H264, str(out),
    )  # fmt: skip
    return out


def unknown_second_track(folder: Path) -> Path:
    """Some phones add a spatial sound track that nothing else decodes."""
    out = folder / "spatial.mkv"
    ffmpeg(
        "-f", "lavfi", "-t", "3", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-t", "3", "-i", VOICE,
        "-map", "0:v", "-map", "1:a", "-map", "1:a", *H264, "-c:a", "aac", str(out),
    )  # fmt: skip
    data = out.read_bytes()
    at = data.rindex(b"A_AAC")
    out.write_bytes(data[:at] + b"A_ZZZ" + data[at + 5 :])
    return out


def audio_only(folder: Path) -> Path:
    return clip(folder / "memo.m4a", picture=None)


def cover_picture(folder: Path) -> Path:
    cover = folder / "cover.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", str(cover))
    sound = clip(folder / "bare.mp3", picture=None)
    out = folder / "cover.mp3"
    ffmpeg("-i", str(sound), "-i", str(cover), "-map", "0:a", "-map", "1:v", "-c", "copy",
           "-disposition:v", "attached_pic", str(out))  # fmt: skip
    cover.unlink()
    sound.unlink()
    return out


def spaces_and_letters(folder: Path) -> Path:
    return clip(folder / "Моё видео 日本 (final) 100% #1.mp4")


def leading_dash(folder: Path) -> Path:
    return clip(folder / "-i x.mp4")


def camcorder(folder: Path) -> Path:
    return clip(folder / "camcorder.ts", "-c:v", "mpeg2video", "-c:a", "mp2")


def old_camera(folder: Path) -> Path:
    return clip(folder / "old.avi", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")


def late_picture(folder: Path) -> Path:
    """The picture begins a second after the sound."""
    sound = clip(folder / "sound.m4a", picture=None)
    picture = clip(folder / "picture.mp4", sound=None)
    out = folder / "late.mkv"
    ffmpeg("-i", str(sound), "-itsoffset", "1", "-i", str(picture), "-c", "copy", str(out))
    sound.unlink()
    picture.unlink()
    return out


WORKS: tuple[tuple[Maker, tuple[str, ...]], ...] = (
    (plain, ()),
    (no_audio, ("no_audio",)),
    (silence, ()),
    (music, ("no_video",)),
    (upright_phone, ()),
    (vp9, ()),
    (no_stated_length, ()),
    (variable_rate, ()),
    (telephone, ("no_video",)),
    (two_tracks, ()),
    (unknown_second_track, ()),
    (audio_only, ("no_video",)),
    (cover_picture, ("no_video",)),
    (spaces_and_letters, ()),
    (leading_dash, ()),
    (camcorder, ()),
    (old_camera, ()),
    (late_picture, ()),
)


@pytest.mark.parametrize(("make", "warned"), WORKS, ids=[make.__name__ for make, _ in WORKS])
def test_what_can_be_reviewed_comes_through_whole(tmp_path: Path, make: Maker, warned: tuple[str, ...]) -> None:
    path = make(tmp_path)
    media = probe(path)
    assert tuple(warning.code for warning in media.warnings) == warned
    assert media.duration == pytest.approx(4.0 if make is late_picture else 3.0, abs=0.15)

    folder = tmp_path / "out"
    shares: list[float] = []
    make_playback(path, folder, media=media, progress=shares.append)
    heard = extract_audio(path, folder / "audio.wav", media=media)
    has_picture = "no_video" not in warned
    expected = {"proxy.mp4", "peaks.json", "trace.npz"}
    expected |= {"thumbnails.jpg", "thumbnails.json"} if has_picture else set()
    expected |= {"audio.wav"} if "no_audio" not in warned else set()
    assert {made.name for made in folder.iterdir()} == expected
    assert shares[-1] == 1.0
    assert shares == sorted(shares)

    assert media.duration is not None
    proxy = probe(folder / "proxy.mp4")
    assert proxy.duration == pytest.approx(media.duration, abs=0.15)
    kinds = [stream.kind for stream in proxy.streams]
    assert kinds == ["video"] * has_picture + ["audio"] * ("no_audio" not in warned)
    peaks = json.loads((folder / "peaks.json").read_text())
    assert len(peaks["peaks"]) == pytest.approx(20 * media.duration, abs=1)
    assert heard is ("no_audio" not in warned)
    if heard:
        audio = load_audio(folder / "audio.wav")
        assert audio.size / 16000 == pytest.approx(media.duration, abs=1.1)
        quiet = [warning.code for warning in sound_warnings(audio)]
        assert quiet == (["quiet"] if make is silence else [])
    assert find_edits(path, media=media, kept=folder / "trace.npz") == ()


def test_a_phone_held_upright_is_upright_in_the_proxy(tmp_path: Path) -> None:
    path = upright_phone(tmp_path)
    media = probe(path)
    stream = media.streams[0]
    assert (stream.codec, stream.width, stream.height) == ("hevc", 320, 180)
    assert stream.rotation in (90, 270)
    make_playback(path, tmp_path / "out", media=media, progress=lambda share: None)
    shown = probe(tmp_path / "out" / "proxy.mp4").streams[0]
    assert (shown.codec, shown.width, shown.height) == ("h264", 180, 320)
    tile = json.loads((tmp_path / "out" / "thumbnails.json").read_text())
    assert (tile["width"], tile["height"]) == (90, 160)


def test_of_two_sound_tracks_the_one_with_sound_is_heard(tmp_path: Path) -> None:
    path = two_tracks(tmp_path)
    assert loudest(path, "a:0") == 0
    media = probe(path)
    make_playback(path, tmp_path / "out", media=media, progress=lambda share: None)
    extract_audio(path, tmp_path / "out" / "audio.wav", media=media)
    assert loudest(tmp_path / "out" / "proxy.mp4") > 0.05
    assert load_audio(tmp_path / "out" / "audio.wav").max() == pytest.approx(1 / 8, abs=0.04)  # the sine's amplitude


def test_sound_that_starts_late_keeps_its_place(tmp_path: Path) -> None:
    """Sound from second 1 on must lie at second 1 of the WAV, or every word would be pointed to a second early."""
    picture, sound = clip(tmp_path / "p.mp4", sound=None), clip(tmp_path / "s.m4a", picture=None)
    path = tmp_path / "late.mkv"
    ffmpeg("-i", str(picture), "-itsoffset", "1", "-i", str(sound), "-c", "copy", str(path))
    extract_audio(path, tmp_path / "late.wav", media=probe(path))
    audio = load_audio(tmp_path / "late.wav")
    assert abs(audio[: 16000 * 9 // 10]).max() == 0
    assert abs(audio[16000 * 11 // 10 :]).max() > 0.05


def test_a_playlist_cannot_copy_another_file_out(tmp_path: Path) -> None:
    """The attack that a protocol whitelist alone lets through: a playlist named .mp4 that names a local video."""
    secret = clip(tmp_path / "other.ts", "-metadata", "service_name=SECRET", seconds=2)
    assert b"SECRET" in secret.read_bytes()
    path = playlist(tmp_path)
    innocent = probe(plain(tmp_path))
    out = tmp_path / "out"
    for attempt in (
        lambda: make_playback(path, out, media=innocent, progress=lambda share: None),
        lambda: extract_audio(path, out / "audio.wav", media=innocent),
        lambda: find_edits(path, media=innocent),
        lambda: probe(path),
    ):
        with pytest.raises(InputRefused, match="playlist"):
            attempt()
    assert [made for made in out.rglob("*") if made.is_file()] == []


def test_a_playlist_behind_a_media_header_is_not_followed(tmp_path: Path) -> None:
    """First bytes of an MP4 get it past the sniffing; ffmpeg then opens it as MP4 and as nothing else."""
    clip(tmp_path / "other.ts", seconds=2)
    path = tmp_path / "disguised.mp4"
    path.write_bytes(struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + playlist(tmp_path).read_bytes())
    with pytest.raises(InputRefused):
        probe(path)


def test_damage_between_two_stages_is_refused_too(tmp_path: Path) -> None:
    path = plain(tmp_path)
    media = probe(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for attempt in (
        lambda: make_playback(path, tmp_path / "out", media=media, progress=lambda share: None),
        lambda: extract_audio(path, tmp_path / "audio.wav", media=media),
        lambda: find_edits(path, media=media),
    ):
        with pytest.raises(InputRefused):
            attempt()
    assert sorted(tmp_path.iterdir()) == [path]


def test_an_interruption_in_the_middle_leaves_no_half_made_files(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(share: float) -> None:
        raise Interrupted

    path = plain(tmp_path)
    with pytest.raises(Interrupted):
        make_playback(path, tmp_path / "out", media=probe(path), progress=interrupt)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_maker_left_is_removed_but_a_living_makers_is_not(tmp_path: Path) -> None:
    out = tmp_path / "out"
    left = out / ".making-dead"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "proxy.mp4").write_bytes(b"half")
    with scratch(out) as living:
        path = plain(tmp_path)
        extract_audio(path, out / "audio.wav", media=probe(path))
        assert living.is_dir()
    assert {made.name for made in out.iterdir()} == {"audio.wav"}


def test_two_makers_of_the_same_files_do_not_disturb_each_other(tmp_path: Path) -> None:
    """A step that was thought dead can still be running beside its second attempt."""
    from concurrent.futures import ThreadPoolExecutor

    path = plain(tmp_path)
    media = probe(path)
    out = tmp_path / "out"
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(make_playback, path, out, media=media, progress=lambda share: None) for _ in range(3)]
        for job in jobs:
            job.result()
    assert {made.name for made in out.iterdir()} == {
        "proxy.mp4", "peaks.json", "trace.npz", "thumbnails.jpg", "thumbnails.json",
    }  # fmt: skip
    assert probe(out / "proxy.mp4").duration == pytest.approx(3.0, abs=0.1)


def test_too_short_for_the_rubric_is_a_warning_not_a_refusal(tmp_path: Path) -> None:
    media = probe(plain(tmp_path), limits=Limits(minimum_s=20 * 60))
    assert [warning.code for warning in media.warnings] == ["too_short"]
    assert "0:03" in media.warnings[0].text
    assert "20:00" in media.warnings[0].text


def test_the_original_is_left_as_it_was(tmp_path: Path) -> None:
    path = plain(tmp_path)
    copy = shutil.copy2(path, tmp_path / "copy.mp4")
    media = probe(path)
    make_playback(path, tmp_path / "out", media=media, progress=lambda share: None)
    assert path.read_bytes() == Path(copy).read_bytes()
