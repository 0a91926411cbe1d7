"""The chart of every figure, derived from its declaration: as data, in words, and drawn."""
