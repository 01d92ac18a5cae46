"""Alembic migrations; `api.storage.upgrade` runs them."""
