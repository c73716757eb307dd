"""Sending letters: whether this server sends any, and one connection for many of them.

Django's own e-mail settings say where letters go (EMAIL_URL, docs/operations.md). What a letter
says and to whom it goes is for the apps that write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext


class NoMail(Exception):
    """No letter can be sent; `str()` is a sentence that says why."""


def is_off() -> bool:
    """Whether this server sends no e-mail (EMAIL_URL)."""
    return settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")


def is_shown_only() -> bool:
    """Whether letters are only written to the server's output, as in the demo."""
    return settings.EMAIL_BACKEND.endswith(".console.EmailBackend")


def is_address(text: str) -> bool:
    """Whether a letter can be sent there at all."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def check_on() -> None:
    """Raises NoMail where no e-mail is set up."""
    if is_off():
        raise NoMail(
            gettext(
                "メールの設定（EMAIL_URL）がないため、送っていません。"
                "設定の方法は docs/operations.md にあります。"
            )
        )


class Post:
    """An open connection to the mail server."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def send(self, subject: str, body: str, address: str) -> str:
        """Send one letter; why it could not be sent, or ""."""
        message = EmailMessage(subject, body, to=[address], connection=self.connection)
        try:
            message.send()
        except (OSError, ValueError) as error:  # SMTP and the network; a head that is none
            self.close()  # whatever was half said: the next letter begins anew
            return " ".join(f"{type(error).__name__}: {error}".split())
        return ""

    def close(self) -> None:
        try:
            self.connection.close()
        except OSError:
            self.connection.connection = None


@contextmanager
def post() -> Iterator[Post]:
    """A connection for several letters. Raises NoMail where the mail server does not answer."""
    connection: Any = get_connection()
    try:
        connection.open()
    except OSError as error:
        why = " ".join(str(error).split())
        raise NoMail(
            gettext(
                "メールサーバーにつながらないため、送っていません（%(why)s）。"
                "EMAIL_URL の設定を確かめてください。"
            )
            % {"why": why}
        ) from error
    office = Post(connection)
    try:
        yield office
    finally:
        office.close()
