"""Evidence looked for again: nothing changes where nothing was corrected, and follows the roles where they were."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inference.pipeline import annotate
from inference.renewal import look_again
from model.corrections import Correction, CorrectionKind, apply_corrections
from model.indicators import Indicator
from model.preannotation import PreAnnotation, Version, from_document, to_document
from model.transcript import Role
from tests.inference.test_pipeline import SCENE, measured
from tests.inference.test_pipeline_stage import run


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> PreAnnotation:
    scene = tmp_path_factory.mktemp("scene") / "scene.vtt"
    scene.write_text(SCENE)
    return annotate(scene)


def quiet(_: float) -> None: ...


def test_looked_at_again_without_corrections_it_is_the_same(found: PreAnnotation) -> None:
    assert to_document(look_again(found, quiet)) == to_document(found)


def test_what_a_youth_asks_is_no_facilitators_question(found: PreAnnotation, tmp_path: Path) -> None:
    """Both questions are the facilitator's by the machine; told that a youth asks the second, one is left."""
    said = Correction(id="c", kind=CorrectionKind.ROLE_OF_UTTERANCE, targets=("u3",), value=Role.YOUTH.value)
    versions = (
        Version(part="corrections", name="1 correction", sha256="0" * 64, licence=""),
        Version(part="tagger", name="an older one", sha256="1" * 64, licence="MIT"),
    )
    transcript = apply_corrections(found.transcript, [said]).transcript
    corrected = to_document(
        replace(found, transcript=transcript, codes=(), evidence=(), measures=(), versions=versions)
    )
    source = tmp_path / "corrected.json"
    source.write_text(json.dumps(corrected))
    code, lines = run("renewal", source, tmp_path / "work")
    assert code == 0, lines
    renewed = from_document(json.loads((tmp_path / "work" / "preannotation.json").read_bytes()))
    assert lines[-1] == {"done": {"evidence": len(renewed.evidence)}}

    def asked(one: PreAnnotation) -> set[str]:
        return {e.span.utterances[0] for e in one.evidence if e.indicator is Indicator.PURPOSEFUL_QUESTIONS}

    assert asked(found) == {"u1", "u3"}
    assert asked(renewed) == {"u1"}
    # youth 6.5 s of 13.1 s, and now 2.4 s more
    assert measured(renewed, "talk_share_youth") == pytest.approx(8.9 / 13.1, abs=1e-3)
    tagger = next(v for v in found.versions if v.part == "tagger")
    assert renewed.versions == (versions[0], tagger)


def test_a_source_that_is_no_such_document_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "other.json"
    source.write_text('{"format": "something/1"}')
    code, lines = run("renewal", source, tmp_path / "work")
    assert (code, lines[-1]["refused"]["code"]) == (3, "document.version")
