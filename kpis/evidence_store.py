"""The folder in which the files of evidence lie: outside the web, under names of no meaning.

A file is written whole under its final name before the database is told of it, and taken away
again when the database refuses. What a machine that stopped in between leaves behind, and what
went missing, `manage.py check_evidence` finds.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

#: What is being written carries this behind its name.
UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that another app keeps in the folder: where it lies, its digest, and whose it is."""

    stored: str
    sha256: str
    place: str


_keepers: list[Callable[[], Iterator[Kept]]] = []


def keeps_files(keeper: Callable[[], Iterator[Kept]]) -> None:
    """Have `manage.py check_evidence` look after these files as well; called when an app loads."""
    if keeper not in _keepers:
        _keepers.append(keeper)


def kept_by_others() -> Iterator[Kept]:
    for keeper in _keepers:
        yield from keeper()


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the folder: its name there, its bytes, its SHA-256 in hexadecimal."""

    stored: str
    size: int
    sha256: str


@dataclass
class Store:
    """`with Store() as store:` around a transaction: what is not kept is taken away again."""

    written: list[str] = field(default_factory=list)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error) -> None:
        for stored in self.written:
            with suppress(FileNotFoundError):
                path_of(stored).unlink()

    def write(self, file: BinaryIO) -> Stored:
        stored = secrets.token_hex(16)
        path = path_of(stored)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.written.append(stored)
        digest, size = hashlib.sha256(), 0
        unfinished = path.with_suffix(UNFINISHED)
        try:
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
                file.seek(0)
                while chunk := file.read(1 << 20):
                    to.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                to.flush()
                os.fsync(to.fileno())
            unfinished.replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                unfinished.unlink()
            raise
        _settle(path.parent)
        return Stored(stored, size, digest.hexdigest())

    def keep(self, stored: Collection[str]) -> None:
        """The database knows of these now."""
        self.written = [each for each in self.written if each not in stored]


def path_of(stored: str) -> Path:
    """Where a file lies; in folders of 256, so that none of them grows without end."""
    return Path(settings.MEDIA_ROOT) / stored[:2] / stored


def read(stored: str) -> bytes:
    """The content of a file. Raises OSError where it cannot be read."""
    return path_of(stored).read_bytes()


def all_stored() -> Iterator[Path]:
    """Every file in the folder, unfinished ones too, and no other."""
    root = Path(settings.MEDIA_ROOT)
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        yield from sorted(path for path in folder.iterdir() if path.is_file())


def _settle(folder: Path) -> None:
    """Have the folder itself on the disk, where the system knows how."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
