"""Confirms or changes what a case is, and decides what happens to it."""
