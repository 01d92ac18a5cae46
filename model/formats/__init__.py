"""Formats that come from outside or go there: text or bytes in and out, no files."""
