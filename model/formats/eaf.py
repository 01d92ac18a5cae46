"""ELAN annotation files (.eaf, format 3.0): a tier for each role's talk and one for each indicator's evidence.

Structure after the EAF 3.0 schema of the Max Planck Institute for Psycholinguistics; docs/formats/eaf.md.
"""

import mimetypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from xml.etree import ElementTree as Xml

from model.errors import InputRefused
from model.evidence import Evidence
from model.indicators import CODE_BY_ID, Indicator
from model.preannotation import PreAnnotation
from model.transcript import Role

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ROLE_TIERS = {Role.FACILITATOR: "Facilitator", Role.YOUTH: "Youth", Role.UNKNOWN: "Unknown voice"}
# Characters that XML 1.0 cannot hold, even escaped; ELAN would refuse the whole file for one of them.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Mark:
    start_ms: int
    end_ms: int
    text: str


def write_eaf(preannotation: PreAnnotation, *, made_at: datetime, media_url: str | None = None) -> str:
    """The document as an ELAN file.

    `media_url` is where ELAN finds the recording (`file:///…`); without it the file is looked for beside the .eaf.
    Where voices of one tier overlap, which ELAN does not allow, the later goes to a further tier.
    Raises InputRefused `export.no_times`.
    """
    transcript = preannotation.transcript
    if transcript.utterances and not transcript.timed:
        raise InputRefused(
            "export.no_times",
            "The transcript has no times, so it cannot become tiers.",
            "Annotate the recording itself, or a transcript with times.",
        )
    tiers: list[tuple[str, str, str, list[_Mark]]] = []  # id, linguistic type, participant, marks
    for role, name in _ROLE_TIERS.items():
        spoken = [_mark(u.start, u.end, u.text) for u in transcript.utterances if u.role is role]
        tiers += [(id_, "utterance", name, row) for id_, row in _rows(name, spoken, keep=role is not Role.UNKNOWN)]
    for indicator in Indicator:
        found = [_mark(e.span.start, e.span.end, _told(e)) for e in preannotation.evidence if e.indicator is indicator]
        tiers += [(id_, "evidence", "", row) for id_, row in _rows(indicator.label, found, keep=True)]
    return _document(tiers, media=preannotation.media.name, media_url=media_url, made_at=made_at)


def _mark(start: float | None, end: float | None, text: str) -> _Mark:
    start_ms = round((start or 0.0) * 1000)
    return _Mark(start_ms, max(start_ms + 1, round((end or 0.0) * 1000)), _NOT_XML.sub("\ufffd", text))


def _told(evidence: Evidence) -> str:
    cues = "; ".join(cue.text for cue in evidence.cues)
    return f"{CODE_BY_ID[evidence.code].label} (p {evidence.p:.2f}){': ' + cues if cues else ''}"


def _rows(name: str, marks: Iterable[_Mark], *, keep: bool) -> list[tuple[str, list[_Mark]]]:
    """Marks spread over as few rows as possible so that none overlaps another in its row; `keep` an empty one."""
    rows: list[list[_Mark]] = [[]] if keep else []
    for mark in sorted(marks, key=lambda m: (m.start_ms, m.end_ms)):
        for row in rows:
            if not row or row[-1].end_ms <= mark.start_ms:
                row.append(mark)
                break
        else:
            rows.append([mark])
    return [(name if i == 0 else f"{name} ({i + 1}, overlapping)", row) for i, row in enumerate(rows)]


def _document(
    tiers: Sequence[tuple[str, str, str, list[_Mark]]], *, media: str, media_url: str | None, made_at: datetime
) -> str:
    root = Xml.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "Lookfors",
            "DATE": made_at.isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": _XSI,
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    header = Xml.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    relative = f"./{_NOT_XML.sub('_', PurePath(media).name)}"
    mime, _ = mimetypes.guess_type(media)
    Xml.SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        {"MEDIA_URL": media_url or relative, "MIME_TYPE": mime or "unknown", "RELATIVE_MEDIA_URL": relative},
    )
    last = Xml.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"})
    last.text = str(sum(len(marks) for *_, marks in tiers))
    slots = _time_order(root, tiers)
    number = 0
    for tier_id, kind, participant, marks in tiers:
        tier = Xml.SubElement(
            root,
            "TIER",
            {"TIER_ID": tier_id, "LINGUISTIC_TYPE_REF": kind, "PARTICIPANT": participant, "ANNOTATOR": "Lookfors"},
        )
        for mark in marks:
            number += 1
            start, end = slots[tier_id, mark.start_ms, "start"], slots[tier_id, mark.end_ms, "end"]
            alignable = Xml.SubElement(
                Xml.SubElement(tier, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                {"ANNOTATION_ID": f"a{number}", "TIME_SLOT_REF1": start, "TIME_SLOT_REF2": end},
            )
            Xml.SubElement(alignable, "ANNOTATION_VALUE").text = mark.text
    for kind in ("utterance", "evidence"):
        Xml.SubElement(
            root,
            "LINGUISTIC_TYPE",
            {"LINGUISTIC_TYPE_ID": kind, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"},
        )
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _time_order(
    root: Xml.Element, tiers: Sequence[tuple[str, str, str, list[_Mark]]]
) -> dict[tuple[str, int, str], str]:
    """Time slots in order of time, one for each end of each mark, so that moving one in ELAN moves no other."""
    wanted = sorted(
        (at, tier_id, side)
        for tier_id, _, _, marks in tiers
        for mark in marks
        for at, side in ((mark.start_ms, "start"), (mark.end_ms, "end"))
    )
    order = Xml.SubElement(root, "TIME_ORDER")
    slots = {}
    for number, (at, tier_id, side) in enumerate(wanted, start=1):
        Xml.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number}", "TIME_VALUE": str(at)})
        slots[tier_id, at, side] = f"ts{number}"
    return slots
