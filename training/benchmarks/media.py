"""Time, memory and size of the media stages: `python -m training.benchmarks.media [--minutes 20]`.

First the functions over a submission of full length made out of the shipped sample (960 x 540, 15 frames a second).
Then, over a shorter 1920 x 1080 recording as phones make them, one decode for everything against one pass each. Every
function runs in a process of its own, so its memory is its own; ffmpeg's is told apart. Ratios are from runs next to
each other on one machine; seconds depend on it.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import ffmpeg
import imageio_ffmpeg
import psutil

from inference.media import (
    extract_audio,
    find_edits,
    load_audio,
    make_playback,
    probe,
    sound_warnings,
)
from inference.media.continuity import watch
from inference.media.fence import Tap, run, source
from inference.media.sound import bounds_for, on_the_clock
from training.scenes.longer import lengthen

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "muddy-water.json"
RSS_BYTES = 1 if sys.platform == "darwin" else 1024


def do_probe(path: Path, folder: Path) -> None:
    probe(path)


def do_playback(path: Path, folder: Path) -> None:
    make_playback(path, folder, media=probe(path), progress=lambda share: None)


def do_audio(path: Path, folder: Path) -> None:
    extract_audio(path, folder / "audio.wav", media=probe(path))


def do_sound_warnings(path: Path, folder: Path) -> None:
    sound_warnings(load_audio(folder / "audio.wav"))


def do_edits_kept(path: Path, folder: Path) -> None:
    find_edits(path, media=probe(path), kept=folder / "trace.npz")


def do_edits_anew(path: Path, folder: Path) -> None:
    find_edits(path, media=probe(path))


def do_proxy_alone(path: Path, folder: Path) -> None:
    bounds = bounds_for(probe(path))
    opened = source(path, bounds=bounds)
    picture = opened["v:0"].filter("fps", fps=30).filter("scale", 960, 540)
    proxy = ffmpeg.output(
        picture, opened["a:0"], f"file:{folder / 'alone.mp4'}", vcodec="libx264", preset="veryfast", crf=25,
        maxrate="1600k", bufsize="3200k", pix_fmt="yuv420p", acodec="aac", threads=bounds.threads,
        force_key_frames="expr:gte(t,n_forced*2)", movflags="+faststart",
    )  # fmt: skip
    run(proxy, bounds=bounds)


def do_peaks_alone(path: Path, folder: Path) -> None:
    bounds = bounds_for(probe(path))
    tap = Tap(lambda block: None)
    sound = on_the_clock(source(path, bounds=bounds)["a:0"])
    run(ffmpeg.output(sound, tap.url, format="s16le", ac=1), bounds=bounds, taps=(tap,))


def do_thumbnails_alone(path: Path, folder: Path) -> None:
    bounds = bounds_for(probe(path))
    tap = Tap(lambda block: None)
    small = source(path, bounds=bounds)["v:0"].filter("fps", fps="1/2").filter("scale", 160, 90)
    run(ffmpeg.output(small, tap.url, format="rawvideo", pix_fmt="rgb24"), bounds=bounds, taps=(tap,))


def do_trace_alone(path: Path, folder: Path) -> None:
    watch(path, bounds=bounds_for(probe(path)))


STEPS: dict[str, Callable[[Path, Path], None]] = {
    name.removeprefix("do_"): step for name, step in list(globals().items()) if name.startswith("do_")
}


def measure(step: str, path: Path, folder: Path) -> tuple[float, float, float]:
    """Seconds, own peak MiB and ffmpeg's peak MiB of one step in a fresh process."""
    command = [sys.executable, "-m", "training.benchmarks.media", "--step", step, str(path), str(folder)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told["seconds"], told["own"], told["ffmpeg"]


def run_step(step: str, path: Path, folder: Path) -> None:
    ended = threading.Event()
    largest = [0.0]
    watcher = threading.Thread(target=_watch_children, args=(ended, largest))
    watcher.start()
    start = time.perf_counter()
    STEPS[step](path, folder)
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_BYTES
    print(json.dumps({"seconds": seconds, "own": own / 2**20, "ffmpeg": largest[0] / 2**20}))


def _watch_children(ended: threading.Event, largest: list[float]) -> None:
    """Looks often instead of asking afterwards: a child's own record begins with its parent's size."""
    me = psutil.Process()
    while not ended.wait(0.02):
        for child in me.children(recursive=True):
            with suppress(psutil.Error):
                if "ffmpeg" in child.name():
                    largest[0] = max(largest[0], child.memory_info().rss)


def full_hd(out: Path, *, minutes: float) -> Path:
    """Twenty seconds of the sample at 1920 x 1080 and 30 frames a second with a camera's noise, repeated."""
    exe = imageio_ffmpeg.get_ffmpeg_exe()
    short = out.with_name("short.mp4")
    opened = ffmpeg.input(str(SAMPLE.with_suffix(".mp4")), ss=60, t=20)
    picture = opened["v:0"].filter("fps", fps=30).filter("scale", 1920, 1080).filter("noise", alls=5, allf="t")
    made = ffmpeg.output(
        picture, opened["a:0"], str(short), vcodec="libx264", preset="ultrafast", crf=24, pix_fmt="yuv420p"
    )
    made.run(cmd=exe, quiet=True, overwrite_output=True)
    repeated = ffmpeg.input(str(short), stream_loop=round(minutes * 3))
    whole = ffmpeg.output(repeated["v:0"], repeated["a:0"], str(out), c="copy", t=minutes * 60)
    whole.run(cmd=exe, quiet=True, overwrite_output=True)
    return out


def print_steps(title: str, steps: tuple[str, ...], path: Path, folder: Path, *, length: float) -> dict[str, float]:
    print(f"\n{title}: {length / 60:g} min, {path.stat().st_size / 1e6:.1f} MB")
    print(f"{'step':18s} {'seconds':>8s} {'x real time':>12s} {'own MiB':>8s} {'ffmpeg MiB':>11s}")
    seconds: dict[str, float] = {}
    for step in steps:
        seconds[step], own, child = measure(step, path, folder)
        print(f"{step:18s} {seconds[step]:8.1f} {length / seconds[step]:12.0f} {own:8.0f} {child:11.0f}", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--full-hd-minutes", type=float, default=2.0)
    parser.add_argument("--step", nargs=3, metavar=("STEP", "FILE", "FOLDER"), help="run one step (used by itself)")
    options = parser.parse_args()
    if options.step:
        run_step(options.step[0], Path(options.step[1]), Path(options.step[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        long = folder / "long.mp4"
        lengthen(SAMPLE, long, minutes=options.minutes)
        steps = ("probe", "playback", "audio", "sound_warnings", "edits_kept", "edits_anew")
        seconds = print_steps("Full length", steps, long, folder, length=options.minutes * 60)
        for made in ("proxy.mp4", "peaks.json", "thumbnails.jpg", "trace.npz", "audio.wav"):
            print(f"  {made:16s} {(folder / made).stat().st_size / 1e6:8.2f} MB")
        print(f"looking for edits: kept trace {seconds['edits_anew'] / seconds['edits_kept']:.1f} x as fast as anew")

        phone = full_hd(folder / "phone.mp4", minutes=options.full_hd_minutes)
        apart = ("proxy_alone", "peaks_alone", "thumbnails_alone", "trace_alone")
        seconds = print_steps(
            "1920 x 1080, 30 a second", ("playback", *apart), phone, folder, length=options.full_hd_minutes * 60
        )
        total = sum(seconds[step] for step in apart)
        print(f"one decode {seconds['playback']:.1f} s, four passes {total:.1f} s: {total / seconds['playback']:.2f} x")


if __name__ == "__main__":
    main()
