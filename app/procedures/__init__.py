"""Procedures, timescales, categories and remedy kinds as dated data; working days."""
