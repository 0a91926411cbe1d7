"""Which line of a TOML document each key and each element stands on.

The standard library's reader keeps no positions. This scanner reads a document that tomllib has
already accepted, so it only follows the structure and checks nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    (?P<string> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<skip>   [ \t\r]+ | \#[^\n]* )
  | (?P<mark>   \[\[ | \]\] | [\n\[\]{},=.] )
  | (?P<bare>   [^\s\[\]{},=."'\#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int

    @property
    def key(self) -> str:
        """The token as a key: quoted ones without their quotes."""
        return self.text[1:-1] if self.text[0] in "\"'" else self.text


def _tokens(document: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(document):
        text = match.group()
        if match.lastgroup != "skip":
            yield _Token(text, line)
        line += text.count("\n")


@dataclass(slots=True)
class _Scanner:
    tokens: list[_Token]
    at: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    tables: dict[Path, int] = field(default_factory=dict)  # arrays of tables: how many so far

    def next_is(self, *texts: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].text in texts

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def document(self) -> None:
        prefix: Path = ()
        while self.at < len(self.tokens):
            if self.next_is("\n"):
                self.take()
            elif self.next_is("[", "[["):
                prefix = self.header()
            else:
                self.pair(prefix)

    def header(self) -> Path:
        opening = self.take()
        path = self.key((), "]", "]]")
        if opening.text == "[[":
            number = self.tables.get(path, 0)
            self.tables[path] = number + 1
            path = (*path, number)
        self.lines.setdefault(path, opening.line)
        return path

    def pair(self, prefix: Path) -> None:
        line = self.tokens[self.at].line
        path = self.key(prefix, "=")
        self.lines[path] = line
        self.value(path)

    def key(self, prefix: Path, *ends: str) -> Path:
        """A dotted key up to and including what ends it; a named table is the latest one."""
        path = prefix
        while not self.next_is(*ends):
            token = self.take()
            if token.text == ".":
                continue
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
            path = (*path, token.key)
        self.take()
        return path

    def value(self, path: Path) -> None:
        if self.next_is("[", "[["):
            self.array(path)
        elif self.next_is("{"):
            self.take()
            while not self.next_is("}"):
                self.pair(path)
                self.past(",")
            self.take()
        else:
            while self.at < len(self.tokens) and not self.next_is(",", "]", "]]", "}", "\n"):
                self.take()

    def array(self, path: Path) -> None:
        self.split()
        self.take()
        number = 0
        self.past("\n")
        while not self.next_is("]", "]]"):
            element = (*path, number)
            self.lines[element] = self.tokens[self.at].line
            self.value(element)
            self.past("\n", ",")
            number += 1
        self.split()
        self.take()

    def past(self, *texts: str) -> None:
        while self.next_is(*texts):
            self.take()

    def split(self) -> None:
        """Inside values, two brackets are two arrays and not one table header."""
        token = self.tokens[self.at]
        if len(token.text) == len("[[") and token.text in ("[[", "]]"):
            single = _Token(token.text[0], token.line)
            self.tokens[self.at : self.at + 1] = [single, single]


def lines_of(document: str) -> dict[Path, int]:
    """The line of every key, table and array element of a valid TOML document, counted from 1."""
    scanner = _Scanner(list(_tokens(document)))
    scanner.document()
    return scanner.lines


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the closest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1
