"""What people would score, foretold from measures, calibrated against their final scores, with its doubt.

Never shown to a reviewer who has not scored. `docs/scoring.md` describes every step and what each figure means.
"""

from model.scoring.calibration import (
    ENOUGH,
    Calibrated,
    NotEnoughData,
    Refit,
    Reliability,
    ScoreModel,
    calibrate,
    from_document,
    refit,
    to_document,
)
from model.scoring.conformal import LevelSets, fit_sets, level_sets
from model.scoring.estimate import Estimate
from model.scoring.estimator import StackedPlatt, cross_fit
from model.scoring.flip import FlipChance, SecondReader, flip_chance, second_reader
from model.scoring.scores import FinalScore, ScoreNotUsable, ScoreTable, Usable, final_scores, score_table
from model.scoring.signal import RawSignal, Rule, raw_signal, rule_from_values, rules_of, values_of

__all__ = [
    "ENOUGH",
    "Calibrated",
    "Estimate",
    "FinalScore",
    "FlipChance",
    "LevelSets",
    "NotEnoughData",
    "RawSignal",
    "Refit",
    "Reliability",
    "Rule",
    "ScoreModel",
    "ScoreNotUsable",
    "ScoreTable",
    "SecondReader",
    "StackedPlatt",
    "Usable",
    "calibrate",
    "cross_fit",
    "final_scores",
    "fit_sets",
    "flip_chance",
    "from_document",
    "level_sets",
    "raw_signal",
    "refit",
    "rule_from_values",
    "rules_of",
    "score_table",
    "second_reader",
    "to_document",
    "values_of",
]
