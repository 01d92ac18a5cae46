"""The review desk: a reviewer's queue, the log of what they do, and what each protocol lets them see."""
