"""Collects every interface string and brings locale/en/LC_MESSAGES/django.po up to date.

``python -m tests.catalogue`` (``make messages``) adds new strings with an empty translation and
drops unused ones; it needs no gettext programs. tests/test_translations.py fails while a string
has no English.
"""

import ast
import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
APPS = ("config", "wards", "kpis", "reviews")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
#: The catalogue carries no date of its own: git knows, and two runs give the same bytes.
BEGUN = datetime(2026, 11, 20, tzinfo=UTC)
#: A call in what Django's templatize() makes of a template.
CALL = re.compile(
    r"\b(?P<name>gettext|ngettext|pgettext|npgettext|_)\("
    r"(?P<args>\s*(?:u?'(?:\\.|[^'\\])*'|u?\"(?:\\.|[^\"\\])*\"|[\s,]|count)*)\)",
    re.DOTALL,
)
STRING = re.compile(r"u?'(?:\\.|[^'\\])*'|u?\"(?:\\.|[^\"\\])*\"", re.DOTALL)


def messages():
    """Yield (message, context) of every string; the message is a pair where it has a plural."""
    for app in APPS:
        found = extract_from_dir(
            ROOT / app,
            method_map=[("**/migrations/**", "ignore"), ("**.py", "python")],
            keywords=KEYWORDS,
        )
        for _file, _line, message, _comments, context in found:
            yield message, context
    for template in sorted((ROOT / "templates").rglob("*.*")):
        yield from template_messages(template.read_text(encoding="utf-8"), str(template))


def template_messages(source: str, name: str):
    for call in CALL.finditer(templatize(source, origin=name)):
        strings = [ast.literal_eval(text) for text in STRING.findall(call["args"])]
        if not strings:
            continue
        context = strings.pop(0) if call["name"] in {"pgettext", "npgettext"} else None
        yield (tuple(strings) if len(strings) > 1 else strings[0]), context


def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def update() -> tuple[int, int]:
    """Bring the catalogue up to date; answer how many strings it has and how many lack English."""
    known = catalogue() if PO.exists() else Catalog(locale="en")
    fresh = Catalog(
        locale="en",
        project="Ayumi",
        version="1",
        header_comment="# English of Ayumi's interface. Brought up to date by `make messages`.",
        last_translator="The Ayumi maintainers",
        language_team="English",
        msgid_bugs_address="README.md",
        creation_date=BEGUN,
        revision_date=BEGUN,
        charset="utf-8",
        fuzzy=False,
    )
    for message, context in sorted(set(messages()), key=lambda pair: (str(pair[0]), pair[1] or "")):
        old = known.get(message, context)
        plural = isinstance(message, tuple)
        string = old.string if old and isinstance(old.id, tuple) is plural else None
        fresh.add(message, string or (("", "") if plural else ""), context=context)
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, fresh, width=100, no_location=True, omit_header=False, sort_output=True)
    missing = sum(1 for entry in fresh if entry.id and not all(as_strings(entry.string)))
    return len(fresh), missing


def as_strings(value) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def compile_where_stale() -> None:
    """Make django.mo, which is what pages read and git ignores; other runs may do so meanwhile."""
    compiled = PO.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= PO.stat().st_mtime:
        return
    with tempfile.NamedTemporaryFile(dir=PO.parent, delete=False) as file:
        write_mo(file, catalogue())
    os.chmod(file.name, 0o644)
    os.replace(file.name, compiled)


if __name__ == "__main__":
    total, missing = update()
    compile_where_stale()
    print(f"{PO.relative_to(ROOT)}: {total} strings, {missing} without English")
