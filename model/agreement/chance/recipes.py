"""Each coefficient's recipe: its name, how it is built from a table, and the standard error it prefers."""

from model.agreement.chance.assess import Recipe
from model.agreement.chance.estimators import alpha, cohen, conger, light, pair_agreement
from model.agreement.chance.intervals import Method
from model.agreement.chance.weights import check_level
from model.agreement.ratings import Floats


def percent_recipe(matrix: Floats, name: str, interval: Method | None) -> Recipe:
    """Share of agreeing pairs. Units with one rating tell nothing of it, but Gwet's published form counts them in n."""
    return Recipe(
        coefficient="Percent agreement",
        weights=name,
        build=lambda table: pair_agreement(table, matrix, "percent"),
        preferred="analytic",
        keep="rated" if interval == "analytic" else "pairable",
        corrects_chance=False,
    )


def cohen_recipe(matrix: Floats, name: str) -> Recipe:
    """Two raters, own marginals."""
    return Recipe(
        coefficient="Cohen's kappa",
        weights=name,
        build=lambda table: cohen(table, matrix),
        preferred="bootstrap-t",
        keep="pairable",
    )


def fleiss_recipe(matrix: Floats, name: str) -> Recipe:
    """Pooled marginals."""
    return Recipe(
        coefficient="Fleiss' kappa",
        weights=name,
        build=lambda table: pair_agreement(table, matrix, "fleiss"),
        preferred="bootstrap-t",
    )


def conger_recipe(matrix: Floats, name: str) -> Recipe:
    """Every rater's own marginals."""
    return Recipe(
        coefficient="Conger's kappa",
        weights=name,
        build=lambda table: conger(table, matrix),
        preferred="bootstrap-t",
    )


def light_recipe(matrix: Floats, name: str) -> Recipe:
    """Mean of pairwise Cohen."""
    return Recipe(
        coefficient="Light's kappa",
        weights=name,
        build=lambda table: light(table, matrix),
        preferred="jackknife",
        keep="pairable",
    )


def brennan_prediger_recipe(matrix: Floats, name: str) -> Recipe:
    """Equal chance for every category."""
    return Recipe(
        coefficient="Brennan-Prediger kappa",
        weights=name,
        build=lambda table: pair_agreement(table, matrix, "brennan_prediger"),
        preferred="bootstrap-t",
    )


def gwet_recipe(matrix: Floats, name: str) -> Recipe:
    """AC1 or AC2."""
    return Recipe(
        coefficient="Gwet's AC1" if name == "identity" else "Gwet's AC2",
        weights=name,
        build=lambda table: pair_agreement(table, matrix, "gwet"),
        preferred="bootstrap-t",
    )


def alpha_recipe(level: str) -> Recipe:
    """Coincidences and a metric."""
    return Recipe(
        coefficient="Krippendorff's alpha",
        weights=level,
        build=lambda table: alpha(table, check_level(table, level)),
        preferred="bootstrap-t",
        keep="pairable",
    )
