"""Heads: the arithmetic of their mean, and the way to disk and back."""

import numpy as np
import pytest

from inference.heads import Heads, Network


def _heads(*networks: Network) -> Heads:
    return Heads(
        mean=np.array([1.0, 0.0], dtype=np.float32),
        scale=np.array([2.0, 1.0], dtype=np.float32),
        weight=np.array([[1.0], [3.0]], dtype=np.float32),
        bias=np.array([0.5], dtype=np.float32),
        networks=networks,
    )


NETWORK = Network(
    inner=np.array([[1.0], [0.0]], dtype=np.float32),
    inner_bias=np.zeros(1, dtype=np.float32),
    outer=np.array([[2.0]], dtype=np.float32),
    outer_bias=np.array([0.1], dtype=np.float32),
)


def test_a_line_alone() -> None:
    # x = (3 − 1) / 2, 1 / 1 = 1, 1; 1·1 + 1·3 + 0.5
    assert _heads().logits(np.array([[3.0, 1.0]], dtype=np.float32)) == pytest.approx(4.5)


def test_line_and_network_meet_in_the_middle() -> None:
    # gelu(1) = 1 · Φ(1) = .8413; 2 · .8413 + 0.1 = 1.7827; mean with 4.5
    found = _heads(NETWORK).logits(np.array([[3.0, 1.0]], dtype=np.float32))
    assert found == pytest.approx((4.5 + 1.7827) / 2, abs=1e-3)


def test_inputs_far_outside_are_cut() -> None:
    # 1000 is cut to 5 scales: 5 + 3·0 + 0.5
    assert _heads().logits(np.array([[2001.0, 0.0]], dtype=np.float32)) == pytest.approx(5.5)


def test_tensors_bring_back_the_same_heads() -> None:
    inputs = np.array([[3.0, 1.0], [0.0, -2.0]], dtype=np.float32)
    heads = _heads(NETWORK, NETWORK)
    again = Heads.from_tensors(heads.tensors())
    assert len(again.networks) == 2
    assert np.array_equal(heads.logits(inputs), again.logits(inputs))
