"""Agreement between raters: the published Python API.

Ratings have units in rows and raters in columns, None or NaN where missing; categories are declared, never inferred.
Every answer is a number or a reason, with what it was computed on. `docs/statistics.md` describes each function.
"""

from model.agreement.coefficients import (
    agreement_table,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
    scott_pi,
)
from model.agreement.ratings import RatingsInvalid
from model.agreement.result import Agreement, CategoryKappa
from model.agreement.severity.drift import Drift, drift
from model.agreement.severity.rasch import Rasch, rasch
from model.agreement.timeline.evidence import EvidenceAgreement, evidence_agreement
from model.agreement.timeline.gamma import Gamma, GammaUnavailable, gamma_agreement
from model.agreement.timeline.missed import AuditWindow, Missed, missed_moments
from model.agreement.timeline.spans import Mark, Match, Timeline, match_spans, match_within
from model.agreement.variance.generalizability import DStudy, GStudy, d_study, g_study
from model.agreement.variance.icc import Icc, icc

__all__ = [
    "Agreement",
    "AuditWindow",
    "CategoryKappa",
    "DStudy",
    "Drift",
    "EvidenceAgreement",
    "GStudy",
    "Gamma",
    "GammaUnavailable",
    "Icc",
    "Mark",
    "Match",
    "Missed",
    "Rasch",
    "RatingsInvalid",
    "Timeline",
    "agreement_table",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "d_study",
    "drift",
    "evidence_agreement",
    "fleiss_kappa",
    "g_study",
    "gamma_agreement",
    "gwet_ac",
    "icc",
    "krippendorff_alpha",
    "light_kappa",
    "match_spans",
    "match_within",
    "missed_moments",
    "percent_agreement",
    "rasch",
    "scott_pi",
]
