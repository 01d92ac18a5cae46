"""Windows over a conversation: every line judged once, with context, whatever the lengths."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inference.conversation import (
    LONGEST,
    ConversationEncoder,
    ConversationModel,
    Prepared,
    collate,
    prepare,
    shipped_names,
    windows,
)
from inference.encoder import load_tokenizer
from inference.features import FEATURES, Line
from model.errors import InputRefused


@given(st.lists(st.integers(1, LONGEST), max_size=80))
def test_every_line_is_judged_exactly_once_and_windows_fit(lengths: list[int]) -> None:
    ids = [[7] * length for length in lengths]
    found = list(windows(ids, size=256, context=5))
    judged = [i for window in found for i in range(*window.keep)]
    assert judged == list(range(len(lengths)))
    for window in found:
        assert window.first <= window.keep[0] < window.keep[1] <= window.last
        assert 1 + sum(len(ids[i]) + 1 for i in range(window.first, window.last)) <= 256


def test_a_window_shows_lines_before_and_after_those_it_judges() -> None:
    found = list(windows([[7] * 9] * 60, size=256, context=5))  # 10 tokens a line with its separator: 25 lines a window
    assert found[0].keep == (0, 20)  # the last 5 of 25 are context
    assert found[1].first == 15


@pytest.mark.parametrize("padding", [0, 3])
def test_tokens_know_their_line(padding: int) -> None:
    features = np.zeros((2, len(FEATURES)), dtype=np.float32)
    p = np.array([0.0, 1.0], dtype=np.float32)
    short = Prepared(((5, 6), (8,)), features, p, p)
    long = Prepared(((5,) * (2 + padding), (8,)), features, p, p)
    (one,), (two,) = windows(short.ids), windows(long.ids)
    batch = collate([(short, one), (long, two)])
    # [CLS] 5 6 [SEP] 8 [SEP] then padding: -1, 0 0 0, 1 1, -1 …
    assert batch.line[0].tolist() == [-1, 0, 0, 0, 1, 1] + [-1] * padding
    assert batch.line[1].tolist()[-2:] == [3, 3]
    assert batch.mask.sum(1).tolist() == [6, 6 + padding]


@pytest.mark.slow
@pytest.mark.parametrize("frozen", [0, 4])
def test_layers_an_artefact_does_not_bring_are_the_packaged_ones(frozen: int) -> None:
    torch.manual_seed(3)
    model = ConversationModel({"codes": 2}, frozen_layers=frozen)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in shipped_names(model) and parameter.ndim > 1:
                parameter.mul_(1.1)  # so that a layer left as packaged would show
    brought = {f"conversation.{name}": model.state_dict()[name].numpy() for name in shipped_names(model)}
    layers = {name.split(".")[4] for name in brought if ".layer." in name}
    assert len(layers) == 6 - frozen
    lines = (Line("what do you notice", 0.0, "F"), Line("it floats", 1.0, "Y1"))
    (read,) = ConversationEncoder(brought, {"codes": 2}).vectors([lines])
    (packaged,) = ConversationEncoder(
        {name: value for name, value in brought.items() if ".layer." not in name or ".layer.5." in name}, {"codes": 2}
    ).vectors([lines])
    assert np.abs(read - packaged).max() > 0.01
    with torch.inference_mode():
        told = model.vectors(
            collate([(one, w) for one in [prepare(load_tokenizer(), lines)] for w in windows(one.ids)])
        )
    assert read == pytest.approx(told.numpy(), abs=0.05)  # half precision where the processor has it


def test_an_artefact_with_a_hole_is_refused() -> None:
    model = ConversationModel({"codes": 2})
    brought = {f"conversation.{name}": model.state_dict()[name].numpy() for name in shipped_names(model)}
    del brought["conversation.bert.encoder.layer.3.output.dense.weight"]
    with pytest.raises(InputRefused, match=r"lack bert\.encoder\.layer\.3\.output\.dense\.weight"):
        ConversationEncoder(brought, {"codes": 2})
