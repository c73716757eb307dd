"""The form below what is read: kind and text of one comment, and what the page knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import Http404

from .commenting import NotKept, Overtaken, Seen, Typed, Unfit
from .models import Comment
from .models.comments import Kind
from .reading import HINTS, Reader, is_unsent


@dataclass(slots=True)
class CommentForm:
    """As it stands, or as it was sent; `problem` says why it was not kept."""

    typed: Typed = field(default_factory=Typed)
    seen: Seen = field(default_factory=Seen)
    stands: Comment | None = None  # what the server keeps of it
    problem: NotKept | None = None

    @classmethod
    def standing(cls, reader: Reader, subject: str, key: str, edit: str) -> CommentForm:
        """The comment asked for, else the draft that waits here, else an empty one.

        404 where the one asked for is not this member's, of this place.
        """
        own = reader.own(subject, key)
        if edit:
            chosen = next((each for each in own if each.pk == number(edit)), None)
            if chosen is None:
                raise Http404
        else:
            drafts = [each for each in own if is_unsent(each)]
            chosen = drafts[-1] if drafts else None
        if chosen is None:
            return cls(seen=Seen(client_key=reader.new_mark(subject, key)))
        return cls(
            typed=Typed(*chosen.typed),
            seen=Seen(chosen.pk, chosen.client_key, chosen.version),
            stands=chosen,
        )

    @classmethod
    def sent(cls, data: Mapping[str, str]) -> CommentForm:
        """What came back from the page."""
        seen = Seen(
            number(data.get("comment", "")) or None,
            data.get("client_key", "").replace("\x00", "")[:36],
            number(data.get("version", "")),
        )
        return cls(Typed.read(data.get("kind", ""), data.get("text", "")), seen)

    def rest_on(self, theirs: Comment) -> None:
        """Show it again as typed, but upon what stands now: sending it is then a choice."""
        self.stands = theirs
        self.seen = Seen(theirs.pk, theirs.client_key, theirs.version)

    @property
    def kinds(self) -> list[tuple[str, str, str, bool]]:
        return [
            (each.value, str(each.label), str(HINTS[each.value]), each.value == self.typed.kind)
            for each in Kind
        ]

    @property
    def theirs(self) -> Comment | None:
        return self.problem.theirs if isinstance(self.problem, Overtaken) else None

    @property
    def kind_error(self) -> str:
        return self._error("kind")

    @property
    def text_error(self) -> str:
        return self._error("text")

    def _error(self, name: str) -> str:
        wrong = self.problem
        return str(wrong) if isinstance(wrong, Unfit) and wrong.field == name else ""

    @property
    def was_sent(self) -> bool:
        """Whether what stands in it was sent before, and is being edited."""
        return self.stands is not None and self.stands.state == Comment.State.SENT


def number(text: str) -> int:
    """A whole number that a page sent; 0 where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
