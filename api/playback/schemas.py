from typing import Literal

from api.schemas import Schema


class PeaksRead(Schema):
    """The waveform: the loudest sample of each bin, 0 to 255, `rate` bins a second."""

    version: Literal[1]
    rate: float
    peaks: list[int]


class ThumbnailsRead(Schema):
    """How to cut the sprite: tiles of `width` × `height` pixels, `columns` in a row, one every `interval_s`."""

    width: int
    height: int
    columns: int
    interval_s: float
    count: int
