"""Many recordings in a row: which, where their results go, what was done already, and how each went."""

import errno
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from inference.media import DiskFull
from inference.options import Options
from inference.page import write_page
from inference.pipeline import annotate
from inference.weights import write_whole
from inference.workspace import Workspace
from model.errors import InputRefused
from model.formats.eaf import write_eaf
from model.formats.webvtt import write_webvtt
from model.preannotation import PreAnnotation, to_document

# fmt: off
MEDIA_SUFFIXES = frozenset((
    ".3gp", ".aac", ".aif", ".aiff", ".amr", ".asf", ".avi", ".flac", ".flv", ".m2ts", ".m4a", ".m4v", ".mka", ".mkv",
    ".mov", ".mp3", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".oga", ".ogg", ".ogv", ".opus", ".vob", ".wav", ".webm",
    ".wma", ".wmv",
))
# fmt: on
"""What is picked up when a folder is walked. A file that is named is tried whatever its name."""


class Kind(StrEnum):
    """A result that can be asked for; the value is its suffix."""

    JSON = "json"
    VTT = "vtt"
    HTML = "html"
    EAF = "eaf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One source and where its results go; a target of None is standard output."""

    source: Path
    shown: str  # name for people
    targets: tuple[tuple[Kind, Path | None], ...]

    @property
    def finished(self) -> bool:
        """Whether every result is there and not older than its source."""
        try:
            made = self.source.stat().st_mtime
            return all(target is not None and target.stat().st_mtime >= made for _, target in self.targets)
        except OSError:
            return False  # a result is missing, or cannot be looked at: the run itself will say what is wrong


class State(StrEnum):
    DONE = "done"
    ALREADY = "already done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    item: Item
    state: State
    text: str = ""  # why, for people
    made: PreAnnotation | None = None
    error: Exception | None = None


class Watcher(Protocol):
    """Told how the batch goes."""

    def began(self, item: Item) -> None: ...
    def progress(self, stage: str, share: float) -> None: ...
    def ended(self, outcome: Outcome) -> None: ...


def find_sources(paths: Sequence[Path]) -> tuple[list[tuple[Path, Path]], Counter[str]]:
    """(root, file) of every recording named or found in a folder, and how many other files were passed over.

    Folders are walked in order of name; hidden files and folders are left alone.
    """
    found: list[tuple[Path, Path]] = []
    passed: Counter[str] = Counter()
    for path in paths:
        if not path.is_dir():
            found.append((path.parent, path))
            continue
        for file in _walk(path):
            if file.suffix.lower() in MEDIA_SUFFIXES:
                found.append((path, file))
            else:
                passed[file.suffix.lower() or "without a suffix"] += 1
    return found, passed


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry)
        elif entry.is_file():
            yield entry


def plan(sources: Sequence[tuple[Path, Path]], outputs: dict[Kind, Path], *, into_folders: bool) -> tuple[Item, ...]:
    """Where each source's results go.

    With `into_folders` each output is a folder that mirrors the walked one; two recordings that would share a
    name (`a.mp4`, `a.mov`) keep their suffix in it. Otherwise there is one source and each output is a file, a folder
    that is there already and gets the file, or `-` for standard output.
    """
    if not into_folders:
        ((_, source),) = sources
        targets = tuple((kind, _target(out, source, kind)) for kind, out in outputs.items())
        return (Item(source=source, shown=source.name, targets=targets),)
    stems = Counter(source.relative_to(root).with_suffix("") for root, source in sources)
    items = []
    for root, source in sources:
        relative = source.relative_to(root)
        name = relative if stems[relative.with_suffix("")] > 1 else relative.with_suffix("")
        targets = tuple((kind, out / f"{name}.{kind}") for kind, out in outputs.items())
        items.append(Item(source=source, shown=str(relative), targets=targets))
    return tuple(items)


def _target(out: Path, source: Path, kind: Kind) -> Path | None:
    if str(out) == "-":
        return None
    return out / f"{source.stem}.{kind}" if out.is_dir() else out


def run(
    items: Sequence[Item],
    *,
    options: Options,
    skip_finished: bool,
    fresh: bool,
    workspace: Path | None,
    watcher: Watcher,
    to_stdout: Callable[[str], None],
) -> tuple[Outcome, ...]:
    """Annotate every item; one that fails does not stop the rest. Only a full disk does: nothing after it could work.

    `workspace`, where given, keeps one folder for each source; `fresh` empties it first.
    """
    outcomes = []
    for item in items:
        if skip_finished and item.finished:
            outcome = Outcome(item=item, state=State.ALREADY)
        else:
            watcher.began(item)
            folder = workspace / item.source.name if workspace and len(items) > 1 else workspace
            outcome = _one(item, options, folder, fresh=fresh, watcher=watcher, to_stdout=to_stdout)
        watcher.ended(outcome)
        outcomes.append(outcome)
        if _disk_is_full(outcome.error):
            break
    return tuple(outcomes)


def _one(
    item: Item,
    options: Options,
    workspace: Path | None,
    *,
    fresh: bool,
    watcher: Watcher,
    to_stdout: Callable[[str], None],
) -> Outcome:
    try:
        if fresh and workspace is not None:
            Workspace(workspace).clear()
        made = annotate(item.source, options=options, workspace=workspace, progress=watcher.progress)
        for kind, target in item.targets:
            text = render(made, kind)
            if target is None:
                to_stdout(text)
            else:
                write_whole(target, text.encode())
    except InputRefused as refused:
        return Outcome(item=item, state=State.REFUSED, text=str(refused), error=refused)
    except Exception as error:
        text = "The disk is full. Make room, then run the same command again." if _disk_is_full(error) else str(error)
        return Outcome(item=item, state=State.FAILED, text=text or type(error).__name__, error=error)
    return Outcome(item=item, state=State.DONE, made=made)


def render(made: PreAnnotation, kind: Kind) -> str:
    """One result as text. Raises InputRefused where this kind needs times the transcript has not."""
    match kind:
        case Kind.JSON:
            return json.dumps(to_document(made), ensure_ascii=False, indent=1) + "\n"
        case Kind.VTT:
            return write_webvtt(made.transcript)
        case Kind.HTML:
            return write_page(made)
        case Kind.EAF:
            return write_eaf(made, made_at=datetime.now(UTC))


def _disk_is_full(error: Exception | None) -> bool:
    return isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT))
