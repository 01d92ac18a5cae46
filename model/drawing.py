"""What chance decides in a study: the protocol of a review, and where to look for what was missed.

Both draws come from a hash of names and a recorded seed, so that anyone can repeat them and nobody can steer them,
and both record the probability with which they fell, without which nothing can be estimated from them.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from model.review import Protocol

AUDIT_WINDOW_S = 20.0  # seconds; long enough to hear a question and its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolDrawn:
    protocol: Protocol
    p: float  # the probability with which this protocol was drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWindow:
    start: float  # seconds
    end: float
    p: float  # inclusion probability


def draw_protocol(
    protocol: Protocol, *, unassisted_share: float, seed: str, submission: str, reviewer: str
) -> ProtocolDrawn:
    """The program's protocol, or, with probability `unassisted_share` in [0, 1], no assistance at all.

    One draw for a reviewer and a submission, whatever the rubric: what was shown under one is known under the next.
    """
    if protocol is Protocol.UNASSISTED:
        return ProtocolDrawn(protocol=protocol, p=1.0)
    if _uniform(seed, submission, reviewer) < unassisted_share:
        return ProtocolDrawn(protocol=Protocol.UNASSISTED, p=unassisted_share)
    return ProtocolDrawn(protocol=protocol, p=1.0 - unassisted_share)


def draw_audit_windows(
    flagged: Sequence[tuple[float, float]], *, duration_s: float, n: int, seed: str
) -> tuple[AuditWindow, ...]:
    """`n` windows of AUDIT_WINDOW_S, equally likely among those of a fixed grid that touch no flagged span, in order.

    All of them where fewer than `n` are free; none for a recording shorter than one window.
    """
    grid = [i * AUDIT_WINDOW_S for i in range(int(duration_s // AUDIT_WINDOW_S))]
    free = [start for start in grid if not any(s < start + AUDIT_WINDOW_S and e > start for s, e in flagged)]
    if not free or n <= 0:
        return ()
    drawn = random.Random(seed).sample(free, min(n, len(free)))
    p = len(drawn) / len(free)
    return tuple(AuditWindow(start=start, end=start + AUDIT_WINDOW_S, p=p) for start in sorted(drawn))


def _uniform(*names: str) -> float:
    """In [0, 1), from the first 53 bits of a SHA-256: as many as a float holds."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53
