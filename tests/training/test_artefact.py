"""Writing artefacts: a worse one does not replace a better one unasked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.artefact import read_manifest, read_weights
from inference.showing import plain_showing, showing_document
from model.errors import InputRefused
from model.indicators import CODE_IDS
from training.artefact import write_artefact


def _manifest(macro: float, taught: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "trained_on": {"dialogue_digests": list(taught)},
        "name": f"tagger-{macro}",
        "licence": "CC-BY-4.0",
        "codes": list(CODE_IDS),
        "branches": {"frozen": 1.0},
        "session": {code: [1.0, 0.0, 0.05, 0.1, 0.0, 0.0] for code in CODE_IDS},
        "calibration": {code: [1.0, 0.0] for code in CODE_IDS},
        "thresholds": dict.fromkeys(CODE_IDS, 0.5),
        "showing": showing_document(plain_showing(0.5)),
        "cross_validation": {"macro_auprc": macro},
    }


def _write(folder: Path, macro: float, *, force: bool = False) -> None:
    write_artefact(folder, {"heads.bias": np.zeros(3, dtype=np.float32)}, _manifest(macro), force=force)


def test_what_was_written_can_be_read(tmp_path: Path) -> None:
    _write(tmp_path, 0.7)
    manifest = read_manifest(tmp_path)
    assert manifest.name == "tagger-0.7"
    assert read_weights(tmp_path, manifest.weights_sha256)


def test_a_worse_one_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    _write(tmp_path / "tagger", 0.7)
    with pytest.raises(InputRefused, match=r"0\.600.*0\.700") as refused:
        _write(tmp_path / "tagger", 0.6)
    assert refused.value.code == "tagger.worse"
    assert read_manifest(tmp_path / "tagger").name == "tagger-0.7"
    assert read_manifest(tmp_path / "tagger-not-better").name == "tagger-0.6"  # the work is not lost


def test_an_equal_one_within_noise_a_better_one_and_a_forced_one_pass(tmp_path: Path) -> None:
    for macro, force in ((0.7, False), (0.695, False), (0.8, False), (0.1, True)):
        _write(tmp_path, macro, force=force)
        assert read_manifest(tmp_path).name == f"tagger-{macro}"


def test_one_that_learnt_from_other_dialogues_is_not_compared_by_its_figures(tmp_path: Path) -> None:
    tensors = {"heads.bias": np.zeros(3, dtype=np.float32)}
    write_artefact(tmp_path / "tagger", tensors, _manifest(0.7, ("a", "b")))
    with pytest.raises(InputRefused, match="1 of the 2 dialogues"):
        write_artefact(tmp_path / "tagger", tensors, _manifest(0.9, ("a", "c", "d")))
    write_artefact(tmp_path / "tagger", tensors, _manifest(0.71, ("a", "b", "c")))
    assert read_manifest(tmp_path / "tagger").name == "tagger-0.71"
