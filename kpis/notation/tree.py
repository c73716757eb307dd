"""From tokens to claims: the grammar (grammar.lark) and what its rules make.

A claim is one statement of a quantity as printed: 計8回（4エリア各2回）, 49園中33園, 120人→150人.
What it means as a target is said in reading.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.lexer import Lexer

from kpis.notation.scanner import Scanner
from kpis.notation.tokens import Folded, Piece


@dataclass(slots=True)
class Amount:
    """A number with its counter and the words right before and behind it."""

    pieces: list[Piece]

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return self.pieces[-1].end

    @property
    def core(self) -> Piece:
        return self._first("NUMBER", "FRACTION", "WHOLE", "ZERO", "CHANGE")

    @property
    def unit(self) -> str:
        unit = self._maybe("UNIT")
        return unit.word if unit else ""

    @property
    def odd(self) -> str:
        return "".join(piece.odd for piece in self.pieces)

    def has(self, *words: str) -> bool:
        """Whether one of these sorts of prefix or suffix stands with it: TOTAL, GE, H1."""
        return any(
            piece.word in words for piece in self.pieces if piece.kind in {"PREFIX", "SUFFIX"}
        )

    def piece(self, kind: str) -> Piece | None:
        return self._maybe(kind)

    def _maybe(self, *kinds: str) -> Piece | None:
        return next((piece for piece in self.pieces if piece.kind in kinds), None)

    def _first(self, *kinds: str) -> Piece:
        found = self._maybe(*kinds)
        if found is None:  # the grammar asks for one
            raise AssertionError(kinds)
        return found


@dataclass(slots=True)
class Link:
    piece: Piece


@dataclass(slots=True)
class Note:
    """A bracket behind an amount, with the words behind the bracket."""

    start: int
    end: int
    items: list[Any]
    suffixes: list[Piece]


@dataclass(slots=True)
class Claim:
    parts: list[Any]  # Amount, Link, Note; a comparison without a figure begins with a Piece
    start: int
    end: int
    compared: Piece | None = None
    suffixes: list[Piece] = field(default_factory=list)

    @property
    def notes(self) -> list[Note]:
        return [part for part in self.parts if isinstance(part, Note)]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as far as it is printed: 令和7年度末, 9月, 令和6年3月31日."""

    start: int
    end: int
    year: int | None = None
    fiscal: bool = False
    month: int | None = None
    day: int | None = None
    at_end: bool = False
    since: int | None = None  # the first month of 9月・10月


@dataclass(frozen=True, slots=True)
class Season:
    """A span of time, or the end (until) or the beginning (since) of one."""

    start: int
    end: int
    begins: Moment | None
    ends: Moment | None


@dataclass(slots=True)
class Aside:
    start: int
    end: int
    items: list[Any]


Item = Claim | Season | Moment | Aside | Piece
Group = tuple[list[Amount], list[Piece]]  # amounts, and the links between them


def flat(items: list[Item]) -> Iterator[Item]:
    """The items in order, those in brackets too that stand behind no amount."""
    for item in items:
        if isinstance(item, Aside):
            yield from flat(item.items)
        else:
            yield item


def claims_in(items: list[Item]) -> Iterator[Claim]:
    return (item for item in flat(items) if isinstance(item, Claim))


def groups_of(claim: Claim) -> list[Group] | None:
    """The amounts of a claim, those held together by a link in one group."""
    groups: list[Group] = []
    linked = False
    for part in claim.parts:
        if isinstance(part, Link):
            groups[-1][1].append(part.piece)
            linked = True
        elif isinstance(part, Amount):
            if linked:
                groups[-1][0].append(part)
            else:
                groups.append(([part], []))
            linked = False
    return groups or None


class _Ready(Lexer):
    """The tokens come ready from the scanner."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Token]:
        return iter(lexer_state)


@cache
def _grammar() -> Lark:
    source = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(source, parser="lalr", lexer=_Ready, start="text")


class Unreadable(Exception):
    """The tokens make no sentence of the grammar; the message says where, in Japanese."""


def parse(folded: Folded) -> list[Any]:
    """The items of a text in order: Claim, Season, Moment, Aside, and Piece for what is between."""
    pieces = Scanner(folded.text).run()
    tokens = [Token(piece.kind, piece.text, start_pos=n) for n, piece in enumerate(pieces)]
    try:
        tree = _grammar().parse(tokens)  # type: ignore[arg-type]
    except UnexpectedInput as stuck:
        place = getattr(getattr(stuck, "token", None), "start_pos", None)
        near = pieces[place].text if isinstance(place, int) and place < len(pieces) else ""
        raise Unreadable(f"「{near}」のあたりの書き方は読み取れません。") from stuck
    items: list[Any] = _Build(pieces).transform(tree)
    return items


class _Build(Transformer[Token, Any]):
    def __init__(self, pieces: Sequence[Piece]) -> None:
        super().__init__(visit_tokens=True)
        self._pieces = pieces

    def __default_token__(self, token: Token) -> Piece:
        return self._pieces[token.start_pos or 0]

    def text(self, items: list[Any]) -> list[Any]:
        return items

    def claim(self, parts: list[Any]) -> Claim:
        return Claim(parts, parts[0].start, parts[-1].end)

    def compared(self, parts: list[Any]) -> Claim:
        suffixes = [p for p in parts[1:] if isinstance(p, Piece)]
        for note in parts[1:]:
            if isinstance(note, Note):
                suffixes += note.suffixes
        return Claim(parts[1:], parts[0].start, parts[-1].end, parts[0], suffixes)

    def earlier(self, parts: list[Piece]) -> Piece:
        return parts[0]

    def amount(self, parts: list[Any]) -> Amount:
        pieces: list[Piece] = []
        for part in parts:
            pieces += part if isinstance(part, list) else [part]
        return Amount(pieces)

    def core(self, parts: list[Piece]) -> list[Piece]:
        return parts

    def link(self, parts: list[Piece]) -> Link:
        return Link(parts[0])

    def note(self, parts: list[Any]) -> Note:
        return Note(parts[0].end, parts[-1].end, parts[1], parts[3:])

    def aside(self, parts: list[Any]) -> Aside:
        return Aside(parts[0].start, parts[-1].end, parts[1])

    def moment(self, parts: list[Piece]) -> Moment:
        said: dict[str, Any] = {}
        for piece in parts:
            value = int(piece.number) if isinstance(piece.number, Decimal) else None
            if piece.kind == "YEAR":
                said |= {"year": value, "fiscal": piece.fiscal}
            elif piece.kind == "YEAR_END":
                said |= {"month": 3, "at_end": True}
            elif piece.kind in {"MONTH", "DAY"}:
                said[piece.kind.lower()] = value
            else:
                said["at_end"] = "末" in piece.text
        return Moment(parts[0].start, parts[-1].end, **said)

    def span(self, parts: list[Any]) -> Season:
        moments = [part for part in parts if isinstance(part, Moment)]
        return Season(parts[0].start, parts[-1].end, moments[0], moments[-1])

    def until(self, parts: list[Any]) -> Season:
        return Season(parts[0].start, parts[-1].end, None, parts[0])

    def since(self, parts: list[Any]) -> Season:
        return Season(parts[0].start, parts[-1].end, parts[0], None)
