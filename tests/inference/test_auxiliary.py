"""The shipped judge of talk moves, focusing and uptake: whole, of its own licence, and of sound opinions."""

import numpy as np
import pytest

from inference.auxiliary import SHIPPED_AUXILIARY, TASKS, read_auxiliary_manifest
from inference.auxiliary_reading import Auxiliary, load_auxiliary
from inference.features import Line
from model.errors import InputRefused

pytestmark = pytest.mark.slow
LESSON = (
    Line("How many sides does it have?", 0.0, "T"),
    Line("Four.", 1.0, "S1"),
    Line("Why do you think it has to be four?", 0.0, "T"),
    Line("Because if you take one away it is a triangle.", 1.0, "S1"),
    Line("Eyes up here, everybody.", 0.0, "T"),
)


@pytest.fixture(scope="module")
def auxiliary() -> Auxiliary:
    return load_auxiliary()


def test_it_is_small_and_says_whose_licence_it_carries() -> None:
    assert (SHIPPED_AUXILIARY / "weights.safetensors").stat().st_size <= 30 * 2**20
    manifest = read_auxiliary_manifest(SHIPPED_AUXILIARY)
    assert manifest.licence == "CC-BY-NC-SA-4.0"
    assert set(manifest.tasks) == set(TASKS)


def test_every_line_gets_a_distribution_in_every_task(auxiliary: Auxiliary) -> None:
    (found,) = auxiliary.probabilities([LESSON], list(TASKS))
    for task, p in found.items():
        assert p.shape == (len(LESSON), len(TASKS[task]))
        assert p.sum(1) == pytest.approx(np.ones(len(LESSON)))


def test_it_tells_the_plainest_moves_apart(auxiliary: Auxiliary) -> None:
    (found,) = auxiliary.probabilities([LESSON], ("teacher_move", "student_move"))
    teacher = [TASKS["teacher_move"][k] for k in found["teacher_move"].argmax(1)]
    student = [TASKS["student_move"][k] for k in found["student_move"].argmax(1)]
    assert (teacher[0], teacher[2], teacher[4]) == ("press_accuracy", "press_reasoning", "none")
    assert student[3] == "evidence_reasoning"


def test_conversations_are_judged_apart(auxiliary: Auxiliary) -> None:
    together = auxiliary.probabilities([LESSON, LESSON[:2]], ("teacher_move",))
    alone = auxiliary.probabilities([LESSON[:2]], ("teacher_move",))
    assert together[1]["teacher_move"] == pytest.approx(alone[0]["teacher_move"], abs=0.02)  # bfloat16 and padding


def test_another_task_is_refused(auxiliary: Auxiliary) -> None:
    with pytest.raises(InputRefused, match="was not trained on mood") as refused:
        auxiliary.probabilities([LESSON], ("mood",))
    assert refused.value.code == "auxiliary.no_task"
