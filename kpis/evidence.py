"""根拠資料: what stands beside an entry to show where its figure comes from.

`Actual.evidence` is a list in the order in which it was added. A link is a title and an address; a
file is its name and, under `file`, where its content lies, with `kind`, `size` and `sha256`, so
that a page can name it without another question to the database, and the history with it. A title
alone is what an imported document names of a file that did not travel with it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from .evidence_store import Stored
from .file_kinds import KINDS, Kind
from .models import Actual, EvidenceFile, Period, Target

Item = dict[str, Any]

#: As many as a policy document takes.
MOST = 50
LONGEST_NAME = 120
LONGEST_TITLE = 300
LONGEST_ADDRESS = 2000
UNNAMED = "添付ファイル"


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that somebody brings: looked at, and lying in the folder."""

    name: str
    kind: Kind
    stored: Stored

    @property
    def item(self) -> Item:
        return {
            "title": self.name,
            "file": self.stored.stored,
            "kind": self.kind.key,
            "size": self.stored.size,
            "sha256": self.stored.sha256,
        }


def how_many(actual: Actual | None) -> int:
    """How many pieces of evidence stand beside an entry."""
    return len(actual.evidence) if actual else 0


def key_of(item: Mapping[str, Any]) -> str:
    """What a form calls a piece of evidence; two that are the same are one."""
    if item.get("file"):
        return item["file"]
    said = f"{item.get('title', '')}\n{item.get('url', '')}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def after(
    standing: Sequence[Item],
    *,
    removed: Collection[str] = (),
    link: Item | None = None,
    files: Sequence[Brought] = (),
) -> list[Item]:
    """What stands once these are taken away and added. What is there already is not added again:
    neither a link of the same address and title nor a file of the same name and content."""
    items = [item for item in standing if key_of(item) not in removed]
    if link and key_of(link) not in map(key_of, items):
        items.append(link)
    for brought in files:
        same = (brought.name, brought.stored.sha256)
        if same not in [(item.get("title"), item.get("sha256")) for item in items]:
            items.append(brought.item)
    return items


def size_of(items: Sequence[Mapping[str, Any]]) -> int:
    """The bytes of the files among them."""
    return sum(item.get("size", 0) for item in items)


def keep_files(
    target: Target,
    period: Period,
    before: Sequence[Item],
    now: Sequence[Item],
    *,
    by: Any,
    at: datetime,
) -> list[str]:
    """Record the files that came and went; gives back where those that came lie.

    In the transaction that keeps the entry, and before it: the line of history comes last.
    """
    was = {item["file"] for item in before if item.get("file")}
    stands = {item["file"]: item for item in now if item.get("file")}
    new = [item for stored, item in stands.items() if stored not in was]
    EvidenceFile.objects.bulk_create(
        EvidenceFile(
            target=target,
            period=period,
            stored=item["file"],
            name=item["title"],
            kind=item["kind"],
            size=item["size"],
            sha256=item["sha256"],
            added_by=by,
            added_at=at,
        )
        for item in new
    )
    if gone := was - stands.keys():
        EvidenceFile.objects.filter(stored__in=gone).update(removed_by=by, removed_at=at)
    return [item["file"] for item in new]


# In a policy document ----------------------------------------------------------------------------


def documented(items: Sequence[Mapping[str, Any]]) -> list[Item]:
    """As a policy document says it: links whole, files by their names alone."""
    return [{key: item[key] for key in ("title", "url") if item.get(key)} for item in items]


def imported(standing: Sequence[Item], document: Sequence[Item]) -> list[Item]:
    """What stands after an import: as the document says, and no file is lost by it.

    Where the document names a file that stands here, it stays what it is; files that it does not
    name stay behind the others.
    """
    files = [item for item in standing if item.get("file")]
    items = []
    for row in document:
        same = next((item for item in files if not row.get("url") and _named_in(item, row)), None)
        if same:
            files.remove(same)
        items.append(same or row)
    return items + files


def _named_in(item: Item, row: Item) -> bool:
    return item["title"] == row.get("title")


# Names and addresses ------------------------------------------------------------------------------


def plain_name(name: str) -> str:
    """A file's name for people: no folders, nothing invisible, at most 120 letters.

    Marks that turn the direction of writing would let 表fdp.exe read as 表exe.pdf. A name that is
    too long is cut before its ending.
    """
    name = visible(name.replace("\\", "/").rpartition("/")[2])
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    if not stem.strip(" ."):
        stem = UNNAMED
    room = max(1, LONGEST_NAME - len(dot) - len(ending))
    return f"{stem[:room].rstrip()}{dot}{ending}"[:LONGEST_NAME]


def visible(text: str) -> str:
    """The text on one line, composed (NFC), without control and formatting characters."""
    text = unicodedata.normalize("NFC", text)
    kept = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())


def is_address(text: str) -> bool:
    """Whether this is an address of the web: http or https, a host, and nobody's name."""
    if len(text) > LONGEST_ADDRESS or "\\" in text:
        return False
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        return False
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (raises where it is no number)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


# On a page ----------------------------------------------------------------------------------------


def size_text(size: int) -> str:
    """340 KB, 1.2 MB."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024)):,} KB"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"


def shown(item: Mapping[str, Any], files_url: str) -> dict[str, str]:
    """A piece of evidence for a page: its name, where it leads (nowhere for a title alone), what
    kind of file it is. `files_url` is where the policy's files are handed out."""
    url = str(item.get("url", ""))
    if item.get("file"):
        label = KINDS[item["kind"]].label if item.get("kind") in KINDS else ""
        kind = gettext(label) if label else ""
        return {
            "key": key_of(item),
            "title": str(item.get("title", "")),
            "href": f"{files_url}{item['file']}/",
            "about": f"{kind} {size_text(item.get('size', 0))}".strip(),
        }
    return {
        "key": key_of(item),
        "title": str(item.get("title") or url),
        "href": url if is_address(url) else "",
        "about": "",
    }


def largest_file() -> int:
    return settings.EVIDENCE_OF_A_FILE


def largest_entry() -> int:
    return settings.EVIDENCE_OF_AN_ENTRY
