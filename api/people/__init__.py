"""Accounts and how they are added."""
