"""Who is asking and what they may do: clients, keys, scopes, and the audit of reading."""
