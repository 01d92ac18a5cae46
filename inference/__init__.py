"""How a video becomes a pre-annotation. Knows no database, no HTTP and no user."""
