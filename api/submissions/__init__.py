"""Videos handed in for review, from receipt to deletion."""
