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

__all__ = [
    "Agreement",
    "CategoryKappa",
    "RatingsInvalid",
    "agreement_table",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    "gwet_ac",
    "krippendorff_alpha",
    "light_kappa",
    "percent_agreement",
    "scott_pi",
]
