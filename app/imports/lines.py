"""A file of history as numbered lines, found as the file comes in and never held whole."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from dataclasses import dataclass

from app.imports.vocabulary import Format

LONGEST_LINE = 256 * 1024
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RawLine:
    """One case as it is written, numbered from 1 as an editor would.

    A CSV cell may hold line breaks; such a row has the number of its first line.
    """

    number: int
    last: int  # the number of its last line
    data: bytes  # without the line break; cut short where it is too long

    @property
    def too_long(self) -> bool:
        """Whether it is longer than any case could need."""
        return len(self.data) > LONGEST_LINE

    @property
    def text(self) -> str:
        """The line as it can be kept: what is not UTF-8, or is NUL, shown as a question mark."""
        return self.data.decode(errors="replace").replace("\x00", "\ufffd")


async def raw_lines(chunks: AsyncIterable[bytes], layout: Format) -> AsyncIterator[RawLine]:
    """Every line that is not blank."""
    splitter = _Splitter(rows=layout is Format.flat_csv)
    async for chunk in chunks:
        for line in splitter.feed(chunk):
            yield line
    for line in splitter.end():
        yield line


class _Splitter:
    """Cuts bytes at line breaks; for rows of CSV only at those outside quotation marks."""

    def __init__(self, *, rows: bool) -> None:
        self._rows = rows
        self._rest = b""
        self._number = 0
        self._row: list[bytes] = []
        self._quotes = self._length = 0

    def feed(self, chunk: bytes) -> Iterator[RawLine]:
        *whole, rest = (self._rest + chunk).split(b"\n")
        for data in whole:
            yield from self._line(data)
        self._rest = rest[: LONGEST_LINE + 1]

    def end(self) -> Iterator[RawLine]:
        if self._rest:
            yield from self._line(self._rest)
        if self._row:  # a quotation mark was never closed
            yield self._whole_row()

    def _line(self, data: bytes) -> Iterator[RawLine]:
        self._number += 1
        if self._number == 1:
            data = data.removeprefix(_BOM)
        if not self._rows:
            data = data.rstrip(b"\r")[: LONGEST_LINE + 1]
            if data.strip():
                yield RawLine(self._number, self._number, data)
        elif self._row or data.strip():
            self._row.append(data)
            self._quotes += data.count(b'"')
            self._length += len(data) + 1
            if self._quotes % 2 == 0 or self._length > LONGEST_LINE:
                yield self._whole_row()

    def _whole_row(self) -> RawLine:
        lines, self._row = self._row, []
        self._quotes = self._length = 0
        data = b"\n".join(lines).rstrip(b"\r")[: LONGEST_LINE + 1]
        return RawLine(self._number - len(lines) + 1, self._number, data)
