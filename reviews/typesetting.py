"""The booklet as a PDF: its words and shares go to a fixed Typst template as JSON.

Nothing that a policy or a person wrote is ever read as markup: the template is a file of the
product, and everything else is data. The PDF is made under Typst's PDF/UA-1 rules, which refuse a
chart without a sentence or a character without a shape. Typst runs in this process and leaves the
other threads alone; a booklet that is too large is refused before it begins, and a process sets a
few at a time.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import gettext

from .booklet import StackedBar
from .fonts import Faces, Printable, faces

TEMPLATE = "booklet.typ"
#: The largest booklet that is set, in bytes of its data: some forty times that of 34 projects with
#: sixty comments, and about ten seconds' work.
LARGEST = 3 * 1024 * 1024
#: How many are set at once in one process, and how long the next one waits for its turn.
AT_ONCE = threading.BoundedSemaphore(2)
PATIENCE = 30
#: Of the characters that no face has, so many are named in the booklet.
NAMED = 40

log = logging.getLogger(__name__)


class NotSet(Exception):
    """The booklet was not made; the sentence says why, and what to do."""


def booklet_pdf(told: dict[str, Any], made: datetime) -> bytes:
    """The PDF of what `Booklet.told` says; the moment `made` goes into it, so that two of the same
    copy are the same. Raises FontsMissing and NotSet."""
    have = faces()
    try:
        return _set(told, made, have, have.all)
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        # A cluster that no single face has. What the first face alone has is set in any case.
        log.warning("booklet: %s", error.message)
        return _set(told, made, have, have.main)


def _set(told: dict[str, Any], made: datetime, have: Faces, characters: frozenset[int]) -> bytes:
    printable = Printable(characters)
    data = _plain(told, printable)
    data["replaced"] = [f"U+{ord(character):04X}" for character in list(printable.replaced)[:NAMED]]
    data["fonts"] = {"gothic": have.gothic, "mincho": have.mincho}
    text = json.dumps(data, ensure_ascii=False)
    if len(text.encode()) > LARGEST:
        raise NotSet(
            gettext(
                "意見がとても多いため、PDFにできませんでした。"
                "「A4で印刷」を使うと、同じ内容を印刷できます。"
            )
        )
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise NotSet(
            gettext("PDFを作る人が重なっています。1分ほど待って、もう一度押してください。")
        )
    folder = settings.BASE_DIR / "templates" / "reviews"
    try:
        return typst.compile(
            str(folder / TEMPLATE),
            root=str(folder),
            font_paths=have.fonts,
            ignore_system_fonts=True,
            sys_inputs={"data": text},
            pdf_standards="ua-1",
            timestamp=int(made.timestamp()),
        )
    finally:
        AT_ONCE.release()


def _plain(value: Any, printable: Printable) -> Any:
    """As JSON can hold it, every text printable."""
    if isinstance(value, str):
        return printable.text(str(value))
    if isinstance(value, dict):
        return {key: _plain(held, printable) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held, printable) for held in value]
    if isinstance(value, StackedBar):
        return {
            "sentence": printable.text(value.sentence),
            "total": value.total,
            "parts": [[str(status), count] for status, count in value.parts],
        }
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name), printable) for each in fields(value)}
    return value
