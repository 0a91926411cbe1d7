"""The service as `make run` starts it, with its demonstration."""

from tests.test_readme import folder, served

__all__ = ["folder", "served"]
