"""Rows and objects: tables, sessions, migrations, files."""
