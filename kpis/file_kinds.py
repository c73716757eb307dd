"""What a file really is, by its content and not by its name. Pure: no database, no framework.

Evidence comes from many desks. A name says nothing: a programme is called 報告.pdf as easily as a
report is. Each kind that is taken has to look like itself from the first byte to the last, so that
no file is two things at once. Nothing is unpacked or drawn. Viruses are not looked for: that is
the work of the office's own scanner (docs/evidence.md).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree import ElementTree

#: A package that says it unpacks to more than this is a bomb, or of no use as evidence.
UNPACKED = 300 * 1024 * 1024
PARTS = 10_000
CONTENT_TYPES = "[Content_Types].xml"
LONGEST_CONTENT_TYPES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """`endings` are those that a file of this kind may have, the usual one first."""

    key: str
    label: str
    endings: tuple[str, ...]
    content_type: str


OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = Kind("pdf", "PDF", ("pdf",), "application/pdf")
PNG = Kind("png", "PNG", ("png",), "image/png")
JPEG = Kind("jpeg", "JPEG", ("jpg", "jpeg", "jpe", "jfif"), "image/jpeg")
EXCEL = Kind("xlsx", "Excel", ("xlsx",), f"{OFFICE}.spreadsheetml.sheet")
WORD = Kind("docx", "Word", ("docx",), f"{OFFICE}.wordprocessingml.document")
SLIDES = Kind("pptx", "PowerPoint", ("pptx",), f"{OFFICE}.presentationml.presentation")
TEXT = Kind("txt", "テキスト", ("txt", "csv", "tsv"), "text/plain")
KINDS = {kind.key: kind for kind in (PDF, PNG, JPEG, EXCEL, WORD, SLIDES, TEXT)}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)

#: The main part of a package by its content type; those with macros have others.
MAIN_PARTS = {
    f"{OFFICE}.spreadsheetml.sheet.main+xml": EXCEL,
    f"{OFFICE}.wordprocessingml.document.main+xml": WORD,
    f"{OFFICE}.presentationml.presentation.main+xml": SLIDES,
}
#: Parts that run: Visual Basic, Excel 4 macros, controls.
RUNNING_NAMES = ("vbaproject", "macrosheets/", "activex/", "vbadata")
RUNNING_TYPES = ("macroenabled", "vbaproject", "macrosheet", "activex", "ms-office.vba")

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END_OF_ZIP = b"PK\x05\x06"
#: A text that begins so is a page or a programme to whatever opens it.
MARKUP = (
    "<!",
    "<?",
    "<html",
    "<svg",
    "<script",
    "<head",
    "<body",
    "<iframe",
    "#!",
    "<math",
    "<xml",
)


class WrongFile(ValueError):
    """The file is not taken. `why` names the sentence in kpis/evidence_forms.py."""

    def __init__(self, why: str, kind: str = "") -> None:
        super().__init__(why)
        self.why, self.kind = why, kind


def kind_of(name: str, file: BinaryIO) -> Kind:
    """The kind of a file that can be read from anywhere in it, and is whole and free of macros.

    Raises WrongFile: `empty`, `unknown`, `broken` (of a `kind`), `more_behind` (something follows
    where a file of this `kind` ends), `macro`, `locked`, `old_office`, `too_much_inside`, `markup`,
    or `named_otherwise` where the ending of the name is that of another kind.
    """
    file.seek(0)
    start = file.read(16)
    if not start:
        raise WrongFile("empty")
    kind = _by_content(start, file)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in kind.endings:
        # What calls itself neither by its own ending nor by another that we know of is a text
        # only because nearly everything is one: .html, .js, .bat.
        raise WrongFile(
            "unknown" if kind is TEXT and ending not in ENDINGS else "named_otherwise", kind.label
        )
    return kind


def _by_content(start: bytes, file: BinaryIO) -> Kind:
    if start.startswith(b"%PDF-"):
        return _pdf(file)
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(file)
    if start.startswith(b"\xff\xd8\xff"):
        return _jpeg(file)
    if start.startswith(b"PK\x03\x04"):
        return _package(file)
    if start.startswith(OLD_OFFICE):
        raise WrongFile("old_office")
    return _text(file)


def _pdf(file: BinaryIO) -> Kind:
    _end, _eof, behind = _read(file).rpartition(b"%%EOF")
    if not _eof:
        raise WrongFile("broken", PDF.label)
    if behind.strip(b"\r\n\t\f \0"):
        raise WrongFile("more_behind", PDF.label)
    return PDF


def _png(file: BinaryIO) -> Kind:
    """Chunk by chunk, each with its sum right, from IHDR to IEND and nothing behind."""
    data, at, first = _read(file), 8, True
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data) or (name != b"IHDR" and first):
            break
        if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            break
        if name == b"IEND":
            if data[end:].strip(b"\0\r\n"):
                raise WrongFile("more_behind", PNG.label)
            return PNG
        at, first = end, False
    raise WrongFile("broken", PNG.label)


def _jpeg(file: BinaryIO) -> Kind:
    """Segment by segment up to the picture itself; it ends with the mark of an end."""
    data, at = _read(file), 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        mark = data[at + 1]
        if mark == 0xFF:  # padding
            at += 1
            continue
        if mark == 0xDA:
            if b"\xff\xd9" not in data[at:]:
                break
            if not data.rstrip(b"\0\r\n").endswith(b"\xff\xd9"):
                raise WrongFile("more_behind", JPEG.label)
            return JPEG
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    raise WrongFile("broken", JPEG.label)


def _package(file: BinaryIO) -> Kind:
    """An Office document of today: a ZIP archive that says what its parts are."""
    size = file.seek(0, 2)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            names = [part.filename for part in parts]
            if CONTENT_TYPES not in names:
                raise WrongFile("unknown")
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise WrongFile("too_much_inside")
            if any(part.flag_bits & 1 for part in parts):
                raise WrongFile("locked")
            types = archive.getinfo(CONTENT_TYPES)
            if len(names) != len({name.lower() for name in names}):
                raise WrongFile("broken", "Office")
            if types.file_size > LONGEST_CONTENT_TYPES:
                raise WrongFile("too_much_inside")
            text = archive.read(types)
            behind = size - (archive.start_dir + _directory(archive, file))
    except WrongFile:
        raise
    except Exception as error:  # whatever zipfile and zlib make of bytes that somebody made up
        raise WrongFile("broken", "Office") from error
    if min(part.header_offset for part in parts) != 0 or behind:
        raise WrongFile("more_behind", "Office")
    lowered = [name.lower() for name in names]
    if any(running in name for name in lowered for running in RUNNING_NAMES):
        raise WrongFile("macro")
    content_types = _content_types(text)
    if any(running in each for each in content_types for running in RUNNING_TYPES):
        raise WrongFile("macro")
    kinds = {kind for each, kind in MAIN_PARTS.items() if each in content_types}
    if len(kinds) != 1:
        raise WrongFile("unknown")
    return kinds.pop()


def _directory(archive: zipfile.ZipFile, file: BinaryIO) -> int:
    """How long the directory at the end of an archive is, with its end and its comment."""
    file.seek(archive.start_dir)
    rest = file.read()
    at = rest.rfind(END_OF_ZIP)
    (comment,) = struct.unpack_from("<H", rest, at + 20)
    return at + 22 + comment


def _content_types(text: bytes) -> set[str]:
    """The content types that a package names, in small letters; a declared entity hides none."""
    if b"<!" in text.replace(b"\0", b""):
        raise WrongFile("broken", "Office")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 (it declares no entity)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise WrongFile("broken", "Office") from error
    return {each.get("ContentType", "").lower() for each in root}


def _text(file: BinaryIO) -> Kind:
    """Letters and nothing else: UTF-8, Shift_JIS, or UTF-16 where it says so."""
    data = _read(file)
    codecs = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp932"]
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if any(letter < " " and letter not in "\t\n\r\f\x1a" for letter in text):
            break
        if text.lstrip("\ufeff \t\r\n\f").lower().startswith(MARKUP):
            raise WrongFile("markup")
        return TEXT
    raise WrongFile("unknown")


def _read(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()
