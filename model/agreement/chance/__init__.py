"""The machinery of the chance-corrected coefficients: weights, per-unit sums, intervals."""
