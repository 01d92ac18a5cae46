"""What reviewers decided, as lessons for the tagger."""
