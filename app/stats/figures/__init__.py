"""The declarations of every figure, one module a theme."""
