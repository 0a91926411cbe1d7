"""Bulk history in, judged by the same rules as the API; keeps what it could not take, and why."""
