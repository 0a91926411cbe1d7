"""Figures: what they are, one engine, the declarations, and the way they are asked for."""
