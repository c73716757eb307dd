"""Files of the commands: read without surprises, written whole or not at all."""

import os
import stat
import sys
import tempfile
from pathlib import Path

from django.core.management.base import CommandError, OutputWrapper
from django.utils.translation import gettext as _

from ..document_reading import LARGEST
from ..documents import shown


def read_bytes(name: str) -> bytes:
    """The bytes of a file, at most one more than a document may have. ``-`` is standard input.

    Raises CommandError for what cannot be read or is no ordinary file.
    """
    if name == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):
            message = _("{name}: ファイルではありません。JSON の文書を指定してください。")
            raise CommandError(message.format(name=shown(name, 200)))
        with open(name, "rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        message = _("{name}: 読めません（{why}）。場所と権限を確かめてください。")
        raise CommandError(message.format(name=shown(name, 200), why=_why(error))) from error


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return _("ファイルがありません")
    if isinstance(error, PermissionError):
        return _("読み書きの権限がありません")
    return shown(getattr(error, "strerror", None) or str(error))


def write(text: str, output: str | None, stdout: OutputWrapper, *, encoding: str = "utf-8") -> None:
    """Print a text byte for byte, or put it into a file: all of it, or the old file stays."""
    if not output:
        if hasattr(stdout, "reconfigure"):
            stdout.reconfigure(encoding=encoding, newline="")
        stdout.write(text, ending="")
        return
    try:
        _put(text.encode(encoding), output)
    except (OSError, ValueError) as error:
        message = _("{name}: 書き込めません（{why}）。場所と権限を確かめてください。")
        raise CommandError(message.format(name=shown(output, 200), why=_why(error))) from error


def _put(data: bytes, output: str) -> None:
    """Into a file through a new one beside it, with the rights of the old one.

    A pipe or a device (/dev/null, /dev/stdout) is written to: to replace it would break it.
    """
    target = Path(output)
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    target = target.resolve()  # a link stays one, and the file it leads to is replaced
    umask = os.umask(0)
    os.umask(umask)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~umask
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".ayumi-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
