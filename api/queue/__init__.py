"""The staff's queue: who reviews what, by when, and where reviewers differ."""
