"""The closed lists that reports depend on."""

from enum import StrEnum


class Place(StrEnum):
    """What an officer's words in a report stand under."""

    section = "section"
    figure = "figure"


class FileForm(StrEnum):
    """A form for readers that is made of a publication once, and kept."""

    html = "html"
    docx = "docx"
    xlsx = "xlsx"
