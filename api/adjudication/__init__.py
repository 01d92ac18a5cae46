"""Where two finished reviews differ: both side by side, and the settlement with its reason."""
