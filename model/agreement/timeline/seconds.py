"""Agreement second by second: kappa over time bins, and its limit as bins shrink to nothing."""

from collections.abc import Sequence

import numpy as np

from model.agreement.ratings import Floats
from model.agreement.timeline.spans import Mark


def shared_seconds(first: Sequence[Mark], second: Sequence[Mark], *, duration_s: float, bin_s: float | None) -> Floats:
    """Seconds both, only the first, only the second and neither marked; shape (4,), summing to the duration.

    bin_s: None measures exactly. Otherwise time is cut into bins, and a bin is marked when at least half of it is;
    the last bin may be shorter and weighs by its length.
    """
    a, b = merged(first, duration_s), merged(second, duration_s)
    if bin_s is None:
        both = _length(_intersect(a, b))
        return np.array([both, _length(a) - both, _length(b) - both, duration_s - _length(a) - _length(b) + both])
    edges = np.append(np.arange(0.0, duration_s, bin_s), duration_s)
    widths = np.diff(edges)
    on_a, on_b = (_covered(spans, edges) >= widths / 2.0 for spans in (a, b))
    return np.array([widths[x & y].sum() for x, y in ((on_a, on_b), (on_a, ~on_b), (~on_a, on_b), (~on_a, ~on_b))])


def merged(marks: Sequence[Mark], duration_s: float) -> Floats:
    """The union of the marks within the recording as disjoint spans in order, shape (n, 2)."""
    spans: list[list[float]] = []
    for start, end in sorted((max(mark.start, 0.0), min(mark.end, duration_s)) for mark in marks):
        if end <= start:
            continue
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    return np.array(spans, dtype=np.float64).reshape(-1, 2)


def _length(spans: Floats) -> float:
    return float((spans[:, 1] - spans[:, 0]).sum())


def _intersect(a: Floats, b: Floats) -> Floats:
    start = np.maximum(a[:, None, 0], b[None, :, 0])
    end = np.minimum(a[:, None, 1], b[None, :, 1])
    some = end > start
    return np.column_stack([start[some], end[some]])


def _covered(spans: Floats, edges: Floats) -> Floats:
    """Seconds of every bin that the spans cover, shape (n_bins,)."""
    if not len(spans):
        return np.zeros(len(edges) - 1)
    lengths = spans[:, 1] - spans[:, 0]
    before = np.concatenate([[0.0], np.cumsum(lengths)])
    # covered seconds up to t: whole spans ended before t, and the part of the one running at t
    place = np.searchsorted(spans[:, 0], edges, side="right")
    last = np.maximum(place - 1, 0)
    running = np.clip(edges - spans[last, 0], 0.0, lengths[last])
    upto = np.where(place > 0, before[last] + running, 0.0)
    return np.diff(upto)


def kappa_of_seconds(totals: Floats) -> Floats:
    """Cohen's kappa from sums of `shared_seconds`, shape (..., 4) to (...,); NaN where chance explains everything."""
    both, first, second, neither = np.moveaxis(totals, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = both + first + second + neither
        a, b = (both + first) / whole, (both + second) / whole
        chance = a * b + (1.0 - a) * (1.0 - b)
        found = ((both + neither) / whole - chance) / (1.0 - chance)
    return np.where(1.0 - chance > 1e-12, found, np.nan)
