"""Escalations and stages: opens, extends and answers them; withdraws, closes and reopens."""
