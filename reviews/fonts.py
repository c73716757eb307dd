"""The fonts that PDFs are set in: found by name on this machine, and which characters they have.

Only the files named here are ever used, so that a booklet looks the same on every host. They are
not part of the product: config/setup.sh fetches them, docs/operations.md says how to bring them
into a closed network. BIZ UDPGothic sets everything and has to be there; what it lacks comes from
the faces after it, and what no face has is printed as 〓, as printers do, and named in the booklet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from struct import unpack_from

import typst
from django.conf import settings

#: Where a file is looked for, the first place first.
SYSTEM_PLACES = ("/usr/share/fonts", "/usr/local/share/fonts")
#: The faces without which nothing is set, and what their files are called by those who carry them.
NEEDED = {
    "BIZ UDPGothic Regular": ("BIZUDPGothic-Regular.ttf", "BIZUDPGothic_400Regular.ttf"),
    "BIZ UDPGothic Bold": ("BIZUDPGothic-Bold.ttf", "BIZUDPGothic_700Bold.ttf"),
}
#: Formal titles; the Gothic serves where it is missing.
MINCHO = ("BIZUDPMincho-Regular.ttf", "BIZUDPMincho_400Regular.ttf")
#: What BIZ UD lacks: the kanji of family registers (𠮷), signs and emoji.
BESIDES = (("ipamjm.ttf",), ("Symbola_hint.ttf", "Symbola.ttf"))
GETA = "〓"


class FontsMissing(Exception):
    """A face that is needed was not found; `faces` names it."""

    def __init__(self, faces: list[str]) -> None:
        super().__init__(", ".join(faces))
        self.faces = faces


@dataclass(frozen=True)
class Faces:
    """The fonts of this machine, ready for Typst."""

    fonts: typst.Fonts
    gothic: list[str]  # families in the order in which they are asked for a character
    mincho: list[str]
    main: frozenset[int]  # the characters of the first face
    all: frozenset[int]


def places() -> list[Path]:
    return [Path(settings.FONTS_DIR), *map(Path, SYSTEM_PLACES)]


def faces() -> Faces:
    """Raises FontsMissing. Looked up once; a face that was missing is looked for again."""
    return _faces(tuple(map(str, places())))


@lru_cache(maxsize=4)
def _faces(where: tuple[str, ...]) -> Faces:
    files: dict[str, Path] = {}
    for place in reversed(where):  # the first place wins
        files |= {path.name: path for path in Path(place).rglob("*.ttf")}
    needed = {face: _first(files, names) for face, names in NEEDED.items()}
    if missing := [face for face, path in needed.items() if path is None]:
        raise FontsMissing(missing)
    main = [path for path in needed.values() if path]
    mincho = [path for path in [_first(files, MINCHO)] if path]
    besides = [path for names in BESIDES if (path := _first(files, names))]
    loaded = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        # Typst takes folders; what else lies there is never asked for by name.
        font_paths=sorted({str(path.parent) for path in (*main, *mincho, *besides)}),
    )
    family = {each.path: each.family for each in loaded.fonts()}

    def families(paths: list[Path]) -> list[str]:
        return list(dict.fromkeys(family[str(path)] for path in paths if str(path) in family))

    have = [characters(path) for path in main]
    of_main = have[0] & have[1]
    return Faces(
        fonts=loaded,
        gothic=families([*main, *besides]),
        mincho=families([*mincho, *main, *besides]),
        main=of_main,
        all=of_main.union(*(characters(path) for path in besides)),
    )


def _first(files: Mapping[str, Path], names: tuple[str, ...]) -> Path | None:
    return next((files[name] for name in names if name in files), None)


# What a text becomes before it is set -----------------------------------------------------------

#: Characters that say how others behave, and have no shape of their own.
_SHAPELESS = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029\u000b\u000c]")


@dataclass
class Printable:
    """Makes texts printable with the faces there are, and remembers what it had to replace."""

    has: frozenset[int]
    replaced: dict[str, None] = field(default_factory=dict)  # in the order in which they came

    def text(self, text: str) -> str:
        """The text with 〓 for what no face has, a kana and its separate mark made one character,
        and without what has no shape."""
        if text.isascii() and text.isprintable():
            return text
        text = _SHAPELESS.sub("", _LINE_ENDS.sub("\n", text))
        if any(unicodedata.combining(character) for character in text):
            text = "".join(self._composed(text))
        for character in set(text):
            if character not in "\n\t" and ord(character) not in self.has:
                self.replaced.setdefault(character)
                text = text.replace(character, GETA)
        return text

    def _composed(self, text: str) -> Iterator[str]:
        """Characters with their marks as one, where there is such a character; a mark that stays
        over cannot be set with certainty and goes."""
        held = ""
        for character in text:
            if not unicodedata.combining(character):
                yield held
                held = character
                continue
            one = unicodedata.normalize("NFC", held + character)
            if held and len(one) == 1:
                held = one
            else:
                self.replaced.setdefault(character)
        yield held


# Which characters a file has ----------------------------------------------------------------------


def characters(path: Path) -> frozenset[int]:
    """The code points that a TrueType file has a shape for: its cmap, formats 4 and 12."""
    data = path.read_bytes()
    tables = {
        data[at : at + 4]: unpack_from(">II", data, at + 8)
        for at in range(12, 12 + 16 * unpack_from(">H", data, 4)[0], 16)
    }
    start, _length = tables[b"cmap"]
    found: set[int] = set()
    for n in range(unpack_from(">H", data, start + 2)[0]):
        platform, encoding, offset = unpack_from(">HHI", data, start + 4 + 8 * n)
        if (platform, encoding) not in ((0, 3), (0, 4), (0, 6), (3, 1), (3, 10)):
            continue
        at = start + offset
        kind = unpack_from(">H", data, at)[0]
        if kind == 4:
            found |= _format_4(data, at)
        elif kind == 12:
            for group in range(unpack_from(">I", data, at + 12)[0]):
                first, last, glyph = unpack_from(">III", data, at + 16 + 12 * group)
                found |= set(range(first if glyph else first + 1, last + 1))
    return frozenset(found)


def _format_4(data: bytes, at: int) -> set[int]:
    segments = unpack_from(">H", data, at + 6)[0] // 2
    ends = unpack_from(f">{segments}H", data, at + 14)
    starts = unpack_from(f">{segments}H", data, at + 16 + 2 * segments)
    deltas = unpack_from(f">{segments}H", data, at + 16 + 4 * segments)
    offsets_at = at + 16 + 6 * segments
    offsets = unpack_from(f">{segments}H", data, offsets_at)
    found = set()
    for n, (first, last, delta, offset) in enumerate(
        zip(starts, ends, deltas, offsets, strict=True)
    ):
        for code in range(first, last + 1):
            glyph = code
            if offset:
                glyph = unpack_from(">H", data, offsets_at + 2 * n + offset + 2 * (code - first))[0]
            if code != 0xFFFF and (glyph + delta) & 0xFFFF and (glyph or not offset):
                found.add(code)
    return found
