"""How severe each rater is, how they fit, and whether that changes with time."""
