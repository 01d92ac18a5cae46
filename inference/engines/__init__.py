"""Recognisers behind `inference.transcribe.Engine`."""
