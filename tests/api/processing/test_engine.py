"""The one private call of the workflow engine that we lean on."""

import inspect
from importlib.metadata import version

from dbos import DBOS


def test_the_private_call_is_the_one_we_know() -> None:
    """`Engine.recover_from_dead` uses it; `test_another_worker_takes_over_from_a_dead_one` shows that it works."""
    assert version("dbos") == "3.4.0"
    parameters = list(inspect.signature(DBOS._recover_pending_workflows).parameters)
    assert parameters == ["executor_ids"]
