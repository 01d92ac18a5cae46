"""How the models are made and judged. Nothing imports it."""
