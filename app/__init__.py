"""A council's customer feedback: taken in, worked through its procedure, counted."""
