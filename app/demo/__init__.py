"""The demonstration council: its reference data, and the generator of its cases."""
