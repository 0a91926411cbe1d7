"""The facts that there are to count, one module a kind of thing that happens."""
