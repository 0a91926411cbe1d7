"""Plumbing that knows no council word: database, settings, errors, clock, logging, paging."""
