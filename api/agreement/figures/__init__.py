"""The figures of the agreement page: each with its sentences, its drawing and its table."""
