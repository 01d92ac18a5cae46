"""Published tables used as test data, each with its source.

Only the numbers are taken: a table of ratings and the figures printed for it.
"""

import numpy as np
import numpy.typing as npt

from model.agreement.ratings import Floats

ROW = list[int | None]
_: int | None = None

# Gwet (2014) Handbook of Inter-Rater Reliability, 4th ed., p. 120: 12 subjects, 4 raters, 5 categories. Unit 12 has a
# single rating; no rater rated every unit. The figures are those printed in the irrCAC package's read-me.
GWET_12X4: list[ROW] = [
    [1, 1, _, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [_, 5, 5, 5],
    [_, _, 1, 1],
    [_, _, 3, _],
]

# Gwet (2014), from the larger table on p. 125: 15 units, 5 observers, scores 0 to 3.
GWET_15X5: list[ROW] = [
    [1, 1, 2, _, 2],
    [1, 1, 0, 1, _],
    [2, 3, 3, 3, _],
    [_, 0, 0, _, 0],
    [0, 0, 0, _, 0],
    [0, 0, 0, _, 0],
    [1, 0, 2, _, 1],
    [1, _, 2, 0, _],
    [2, 2, 2, _, 2],
    [2, 1, 1, 1, _],
    [_, 1, 0, 0, _],
    [0, 0, 0, 0, _],
    [1, 2, 2, 2, _],
    [3, 3, 2, 2, 3],
    [1, 1, 1, _, 1],
]

# Fleiss (1971) Psychological Bulletin 76, 378-382, table 1: how many of 6 psychiatrists gave each of 30 patients each
# of 5 diagnoses. The paper does not say who gave which, so raters are filled in by ascending category, as the irr
# package's `diagnoses` does; Fleiss' kappa does not depend on it, Conger's and Light's do.
FLEISS_1971_COUNTS = [
    [0, 0, 0, 6, 0],
    [0, 3, 0, 0, 3],
    [0, 1, 4, 0, 1],
    [0, 0, 0, 0, 6],
    [0, 3, 0, 3, 0],
    [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2],
    [2, 0, 3, 1, 0],
    [2, 0, 0, 4, 0],
    [0, 0, 0, 0, 6],
    [1, 0, 0, 5, 0],
    [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0],
    [1, 0, 0, 5, 0],
    [0, 2, 0, 3, 1],
    [0, 0, 5, 0, 1],
    [3, 0, 0, 1, 2],
    [5, 1, 0, 0, 0],
    [0, 2, 0, 4, 0],
    [1, 0, 2, 0, 3],
    [0, 0, 0, 0, 6],
    [0, 1, 0, 5, 0],
    [0, 2, 0, 1, 3],
    [2, 0, 0, 4, 0],
    [1, 0, 0, 4, 1],
    [0, 5, 0, 1, 0],
    [4, 0, 0, 0, 2],
    [0, 2, 0, 4, 0],
    [1, 0, 5, 0, 0],
    [0, 0, 0, 0, 6],
]
FLEISS_1971 = [np.repeat([1, 2, 3, 4, 5], row).tolist() for row in FLEISS_1971_COUNTS]

# Gwet (2014): 100 emergency-room records put into one of 3 pregnancy types by two abstractors; irrCAC's
# `cont3x3abstractors` prints the figures.
ABSTRACTORS = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])

# Krippendorff (2011) "Computing Krippendorff's Alpha-Reliability", section C: 4 observers, 12 units, values 1 to 5.
KRIPPENDORFF_12X4: list[ROW] = [
    [1, 1, _, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [_, 5, 5, 5],
    [_, _, 1, 1],
    [_, 3, _, _],
]

# Krippendorff (2011), section A: two observers, ten units, binary.
KRIPPENDORFF_BINARY = [[0, 1], [1, 1], [0, 1], [0, 0], [0, 0], [0, 1], [0, 0], [0, 0], [1, 0], [0, 0]]

# Krippendorff (2011), section B: two observers, twelve units, five nominal categories.
KRIPPENDORFF_NOMINAL = [
    ["a", "b"],
    ["a", "a"],
    ["b", "b"],
    ["b", "b"],
    ["d", "b"],
    ["c", "c"],
    ["c", "c"],
    ["c", "c"],
    ["e", "e"],
    ["d", "d"],
    ["d", "d"],
    ["a", "d"],
]

# Shrout & Fleiss (1979) Psychological Bulletin 86, 420-428, table 2: 6 targets, 4 judges.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def brennan_3_2() -> Floats:
    """Brennan (2001) Generalizability Theory, table 3.2: 10 persons, 3 tasks, 4 raters within each; (10, 3, 4)."""
    rows = (
        "565553456733",
        "937775557752",
        "343353356516",
        "755331435335",
        "929777372753",
        "343533634512",
        "737775575554",
        "585775543211",
        "998866655811",
        "444335655711",
    )
    return np.array([[float(digit) for digit in row] for row in rows]).reshape(10, 3, 4)


def from_table(table: npt.NDArray[np.int64]) -> list[list[int]]:
    """Two raters' ratings from their cross-table."""
    return [[first, second] for (first, second), times in np.ndenumerate(table) for _repeat in range(int(times))]
