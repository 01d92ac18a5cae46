"""Reliability curves as SVG: what the tagger said against what was so, one panel for each indicator."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

SIDE, MARGIN, GAP = 180, 44, 28


def reliability_svg(panels: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """`panels` maps a title to bins {p, rate, n}. A point's area grows with the root of its count."""
    width = MARGIN + len(panels) * (SIDE + GAP) + 8
    height = SIDE + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="11" role="img" aria-label="Reliability: observed rate against stated probability">'
    ]
    for k, (title, bins) in enumerate(panels.items()):
        parts.append(_panel(MARGIN + k * (SIDE + GAP), title, bins, labelled=k == 0))
    return "\n".join([*parts, "</svg>\n"])


def _panel(left: float, title: str, bins: Sequence[Mapping[str, Any]], *, labelled: bool) -> str:
    top, bottom = MARGIN - 10, MARGIN - 10 + SIDE
    points = [(left + SIDE * b["p"], bottom - SIDE * b["rate"], b) for b in bins]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    circles = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{1.5 + min(6.0, b["n"] ** 0.5 / 6):.1f}" fill="#0b6e69">'
        f"<title>{b['n']} utterances: said {b['p']:.2f}, so {b['rate']:.2f}</title></circle>"
        for x, y, b in points
    )
    x, y = left - 30, (top + bottom) / 2
    label = f'<text x="{x}" y="{y}" transform="rotate(-90 {x} {y})" text-anchor="middle">observed rate</text>'
    return (
        f'<g><text x="{left}" y="{top - 8}" font-weight="bold">{escape(title)}</text>'
        f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>'
        f'<line x1="{left}" y1="{bottom}" x2="{left + SIDE}" y2="{top}" stroke="#bbb" stroke-dasharray="4 3"/>'
        f'<polyline points="{path}" fill="none" stroke="#0b6e69" stroke-width="1.5"/>{circles}'
        f'<text x="{left + SIDE / 2}" y="{bottom + 26}" text-anchor="middle">stated probability</text>'
        f'<text x="{left}" y="{bottom + 13}">0</text>'
        f'<text x="{left + SIDE}" y="{bottom + 13}" text-anchor="end">1</text>{label if labelled else ""}</g>'
    )
