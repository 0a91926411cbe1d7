"""The case: its record, status, people, dated classification and history; find and list."""
