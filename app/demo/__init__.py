"""The demonstration council: reference data, and the generator whose cases go in through imports."""
