"""Directorates, services, teams, source systems and activity volumes, with dates and lineage."""
