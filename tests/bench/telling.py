"""What the bench has to say."""


def say(line: str) -> None:
    """Tell a line at once."""
    print(line, flush=True)  # noqa: T201  # it is what the bench is for
