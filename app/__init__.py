"""A council's customer feedback: taken in, worked through its procedure, answered for in numbers."""
