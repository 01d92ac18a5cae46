"""What people correct in a transcript, what follows from it at once, and the wish to look for evidence again."""
