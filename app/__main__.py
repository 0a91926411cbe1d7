"""`council-feedback …`, or `python -m app …`: the service, or any other command."""

import sys


def main() -> None:
    """Run a command; to serve takes less of the machine's memory than all of them together."""
    if sys.argv[1:] == ["serve"]:
        from app.serve import refusals_told, serve

        with refusals_told():
            serve()
    else:
        from app.cli import main as command_line

        command_line()


if __name__ == "__main__":
    main()
