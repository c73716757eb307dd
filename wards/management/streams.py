"""What the commands are given and what they print on."""

import unicodedata

from django.core.management.base import OutputWrapper


def speak_utf8(*streams: OutputWrapper) -> None:
    """Messages are Japanese whatever the terminal's locale says; none may fail for that."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def is_plain_line(text: str) -> bool:
    """Whether an argument is one line of characters: no control code, nothing half a character.

    Not `str.isprintable`, to which the full-width space between two names is none.
    """
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text)
