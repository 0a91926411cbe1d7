"""Receives feedback of every kind by every channel, and gives a receipt."""
