"""Files on their way in, by the tus 1.0 protocol."""
