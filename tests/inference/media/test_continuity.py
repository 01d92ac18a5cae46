"""Both directions: unbroken takes give no alarm whatever happens in them; joined takes are found where they join.

A false alarm wrongs an educator, so there are more decoys than cuts. One kind of cut is known to be missed and is
held here as such: seconds left out of a take while the camera points the same way and the room sounds the same.
"""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.media import extract_audio, find_edits, load_audio, make_playback, probe
from inference.media.boxes import Segment, box_tracks
from inference.media.continuity import edit_list_joints, watch
from inference.media.cuts import is_other_view
from inference.media.fence import Bounds
from inference.media.rooms import Rooms
from inference.media.trace import FRAMES_S, HEIGHT, PICTURES_S, WIDTH, Trace
from tests.inference.media import takes
from tests.inference.media.made import clip, ffmpeg
from tests.inference.media.takes import RATE, Take, room_noise, take, write_wav

SAMPLE = Path(__file__).parents[3] / "sample" / "muddy-water.mp4"
LENGTH_S = 18.0
JOIN_S = 9.0
PAUSE_BEFORE, PAUSE_AFTER = (JOIN_S - 0.4, JOIN_S), (6.0, 6.4)  # around the joint


def fade(at: float, by_db: float, span: float) -> Callable[[float], float]:
    """The room is `by_db` louder until it falls within `span` seconds, ending at `at`."""
    return lambda time: by_db * float(np.clip((at - time) / span, 0, 1))


DECOYS: dict[str, Callable[[], Take]] = {
    "shaky": lambda: take(LENGTH_S, seed=3, shake=18, photo="flower.jpg"),
    "panning, then a whip": lambda: take(
        LENGTH_S, seed=5, pan=lambda time: takes.sweep()(time) + takes.whip(14, span=0.2)(time)
    ),
    "flash, passers-by, a hand over the lens": lambda: take(
        LENGTH_S,
        seed=10,
        events=(takes.flash(4), takes.passer_by(7), takes.passer_by(10, 0.3), takes.hand_over_lens(14)),
    ),
    "lights off, and with them the fan": lambda: take(
        LENGTH_S, seed=12, events=(takes.lights(10, 0.35),), room=lambda time: 12.0 * (time < 10)
    ),
    "the room goes dark": lambda: take(LENGTH_S, seed=8, events=(takes.lights(10, 0.06),)),
    "another slide, and all fall silent": lambda: take(
        LENGTH_S, seed=11, events=(takes.slide_change(10),), room=fade(10.2, 14, 0.4)
    ),
    "a knock on the tripod, then a tap": lambda: take(
        LENGTH_S, seed=14, shake=0.3, pan=lambda time: 60.0 * (time >= 10), room=lambda time: 16.0 * (time >= 12)
    ),
}


def assert_only(found: tuple[float, ...], second: float) -> None:
    """One place, within half a second."""
    assert len(found) == 1
    assert found[0] == pytest.approx(second, abs=0.5)


def joined(before: Take, after: Take) -> Take:
    return before.until(JOIN_S).then(after.since(6))


def jumped(whole: Take) -> Take:
    return whole.until(JOIN_S).then(whole.since(JOIN_S + 11))


CUTS: dict[str, Callable[[], Take]] = {
    "two places": lambda: joined(
        take(LENGTH_S, seed=20), take(LENGTH_S, seed=21, photo="flower.jpg", tilt_db=3, room_db=-44)
    ),
    "two places that sound alike": lambda: joined(take(LENGTH_S, seed=20), take(LENGTH_S, seed=21, photo="flower.jpg")),
    "one place on two days, joined in a pause": lambda: joined(
        take(LENGTH_S, seed=22, shake=0.3, pause=PAUSE_BEFORE),
        take(LENGTH_S, seed=23, shake=0.3, tilt_db=5, pause=PAUSE_AFTER),
    ),
    "seconds left out while panning": lambda: jumped(take(34, seed=26, pan=takes.sweep(23))),
}


@pytest.mark.parametrize("name", DECOYS)
def test_an_unbroken_take_gives_no_alarm(tmp_path: Path, name: str) -> None:
    path = DECOYS[name]().write(tmp_path / "take.mp4")
    assert find_edits(path, media=probe(path)) == ()


@pytest.mark.parametrize("name", CUTS)
def test_a_joint_is_found_where_it_is(tmp_path: Path, name: str) -> None:
    path = CUTS[name]().write(tmp_path / "joined.mp4")
    assert_only(find_edits(path, media=probe(path)), JOIN_S)


@pytest.mark.parametrize("shake", [0.3, 6.0])
def test_seconds_left_out_with_the_camera_held_still_are_not_seen(tmp_path: Path, shake: float) -> None:
    """The known limit: the view and the room are the same on both sides. Whoever mends it moves this to CUTS."""
    path = jumped(take(34, seed=24, shake=shake)).write(tmp_path / "jump.mp4")
    assert find_edits(path, media=probe(path)) == ()


@pytest.mark.parametrize("joint", [12, 20, 32])
def test_sound_alone_tells_two_rooms_apart(tmp_path: Path, joint: int) -> None:
    """The sample's talk is broken off in a pause and taken up six lines later: a dull room, then a sharp one."""
    lines = json.loads((SAMPLE.with_suffix(".json")).read_text())["utterances"]
    extract_audio(SAMPLE, tmp_path / "talk.wav", media=probe(SAMPLE))
    talk = load_audio(tmp_path / "talk.wav").astype(np.float64)
    until, since = lines[joint]["end"] + 0.2, lines[joint + 6]["start"] - 0.2
    before, after = talk[: round(until * RATE)], talk[round(since * RATE) :]
    chance = np.random.default_rng(joint)
    sound = np.concatenate(
        (
            before + room_noise(before.size / RATE, chance, tilt_db=-4, level_db=-44),
            after + room_noise(after.size / RATE, chance, tilt_db=6, level_db=-44),
        )
    )
    write_wav(tmp_path / "joined.wav", sound)
    ffmpeg("-i", str(tmp_path / "joined.wav"), "-b:a", "64k", str(tmp_path / "joined.m4a"))
    assert_only(find_edits(tmp_path / "joined.m4a", media=probe(tmp_path / "joined.m4a")), until)


def test_a_tap_that_is_opened_is_no_other_room(tmp_path: Path) -> None:
    """It only adds to the bands; another place raises some and lowers others."""
    write_wav(tmp_path / "tap.wav", take(LENGTH_S, seed=17, room=lambda time: 16.0 * (time >= 10)).sound)
    assert find_edits(tmp_path / "tap.wav", media=probe(tmp_path / "tap.wav")) == ()


def test_the_trace_kept_by_the_playback_copy_tells_the_same(tmp_path: Path) -> None:
    path = CUTS["two places"]().write(tmp_path / "joined.mp4")
    media = probe(path)
    make_playback(path, tmp_path / "out", media=media, progress=lambda share: None)
    kept = Trace.load(tmp_path / "out" / "trace.npz")
    assert kept.pictures.shape[1:] == (HEIGHT, WIDTH)
    assert len(kept.pictures) / PICTURES_S == pytest.approx(media.duration, abs=0.2)
    assert len(kept.sound) / FRAMES_S == pytest.approx(media.duration, abs=0.2)
    assert find_edits(path, media=media, kept=tmp_path / "out" / "trace.npz") == find_edits(path, media=media)


def test_a_break_in_the_time_stamps_is_found(tmp_path: Path) -> None:
    """A recorder that was paused: both tracks are silent about the same two seconds."""
    whole = clip(tmp_path / "whole.mp4", "-g", "25", seconds=12)
    path = tmp_path / "paused.mkv"
    keep = r"not(between(t\,5\,7))"
    ffmpeg(
        "-i", str(whole), "-vf", f"select={keep}", "-af", f"aselect={keep}", "-fps_mode", "vfr",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "flac", str(path),
    )  # fmt: skip
    assert_only(find_edits(path, media=probe(path)), 5.0)


def test_a_microphone_that_drops_out_is_no_cut(tmp_path: Path) -> None:
    whole = clip(tmp_path / "whole.mp4", seconds=12)
    path = tmp_path / "dropout.mkv"
    ffmpeg("-i", str(whole), "-af", r"aselect=not(between(t\,5\,7))", "-c:v", "copy", "-c:a", "flac", str(path))
    assert find_edits(path, media=probe(path)) == ()


def test_an_edit_list_that_joins_two_stretches_is_found(tmp_path: Path) -> None:
    """An editor that cuts without coding anew writes two segments: 0 to 4 s, then 9 s to the end."""
    path = clip(tmp_path / "edited.mp4", "-movflags", "+faststart", seconds=14, sound=None)
    _replace_edits(path, ((4.0, 0.0), (5.0, 9.0)))
    edits = box_tracks(path)[0].edits
    assert edits == (Segment(duration=4.0, media_start=0.0), Segment(duration=5.0, media_start=9.0))
    assert edit_list_joints(path) == (4.0,)
    assert_only(find_edits(path, media=probe(path)), 4.0)


def test_an_edit_list_that_only_trims_or_delays_is_no_cut(tmp_path: Path) -> None:
    path = clip(tmp_path / "trimmed.mp4", "-movflags", "+faststart", seconds=14, sound=None)
    _replace_edits(path, ((2.0, None), (8.0, 3.0)))
    assert edit_list_joints(path) == ()


def test_a_view_moved_or_changed_in_one_part_is_the_same_view() -> None:
    chance = np.random.default_rng(5)

    def view() -> NDArray[np.float64]:
        return np.asarray(np.kron(chance.uniform(0, 255, (9, 16)), np.ones((4, 4))), dtype=np.float64)

    wide = view()
    before, moved = wide[:HEIGHT, :WIDTH], wide[2 : 2 + HEIGHT, 5 : 5 + WIDTH]
    assert not is_other_view(before, moved)
    slide = before.copy()
    slide[:9, :12] = chance.uniform(0, 255, (9, 12))
    assert not is_other_view(before, slide)
    assert is_other_view(before, view()[:HEIGHT, :WIDTH])


def test_a_room_that_steps_is_told_from_one_that_fades() -> None:
    """16 bands of noise, 20 frames a second; half of them rise by 12 dB and half fall, at once or within 2 s."""
    chance = np.random.default_rng(6)
    frames = np.arange(40 * FRAMES_S)
    way = np.where(np.arange(16) % 2, 12.0, -12.0)
    noise = chance.normal(-60, 2, (frames.size, 16))
    step = (frames >= 20 * FRAMES_S).astype(float)
    slow = np.clip((frames / FRAMES_S - 19) / 2, 0, 1)
    assert_only(Rooms.of((noise + way * step[:, None]).astype(np.float32)).steps_alone(), 20.0)
    assert Rooms.of((noise + way * slow[:, None]).astype(np.float32)).steps_alone() == ()


def test_the_shipped_sample_is_unbroken() -> None:
    assert find_edits(SAMPLE, media=probe(SAMPLE)) == ()


def test_a_trace_is_small(tmp_path: Path) -> None:
    path = DECOYS["shaky"]().write(tmp_path / "take.mp4")
    kept = tmp_path / "trace.npz"
    watch(path, bounds=Bounds()).save(kept)
    assert kept.stat().st_size < LENGTH_S * 10_000  # 12 MB for 20 minutes


def _replace_edits(path: Path, segments: tuple[tuple[float, float | None], ...]) -> None:
    """Put a version-0 edit list of (seconds, from second or None) into an MP4 whose index comes first."""
    data = path.read_bytes()
    at = data.index(b"elst") - 4
    (old,) = struct.unpack_from(">I", data, at)
    (movie_scale,) = struct.unpack_from(">I", data, data.index(b"mvhd") + 4 + 12)
    (media_scale,) = struct.unpack_from(">I", data, data.index(b"mdhd") + 4 + 12)
    entries = b"".join(
        struct.pack(">Iihh", round(span * movie_scale), -1 if start is None else round(start * media_scale), 1, 0)
        for span, start in segments
    )
    body = struct.pack(">II", 0, len(segments)) + entries
    new = struct.pack(">I4s", 8 + len(body), b"elst") + body
    grown = len(new) - old
    data = data[:at] + new + data[at + old :]
    changed = bytearray(data)
    for name in (b"moov", b"trak", b"edts"):
        place = changed.index(name) - 4
        (length,) = struct.unpack_from(">I", changed, place)
        struct.pack_into(">I", changed, place, length + grown)
    place = changed.index(b"stco") + 4
    (count,) = struct.unpack_from(">I", changed, place + 4)
    for i in range(count):
        (offset,) = struct.unpack_from(">I", changed, place + 8 + 4 * i)
        struct.pack_into(">I", changed, place + 8 + 4 * i, offset + grown)
    path.write_bytes(bytes(changed))
