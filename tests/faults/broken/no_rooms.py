"""Broken on purpose: everybody is let in, however many there are."""

from collections import defaultdict

from app import main

vars(main)["_rooms"] = lambda _settings: defaultdict(lambda: 1_000_000)
