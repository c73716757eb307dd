"""From text to tokens: the careful half of the notation reader.

A number becomes a NUMBER only where it counts something. The many numbers that are part of a name
(第4期, 3歳児, 国道16号, 6階64番窓口, 10月, a telephone number) become NAME tokens, which the
grammar skips. The rules are tried in order at each place; the method ``_read_…`` of a kind says
what its token holds, or refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from kpis.notation import words
from kpis.notation.rules import (
    AMOUNT,
    CORES,
    DATE,
    EARLIERS,
    ERA_NAMES,
    LINKS,
    PREFIXES,
    RULES,
    Rule,
    pattern,
)
from kpis.notation.tokens import Piece
from kpis.numbers import figure
from wards.calendar import EARLIEST_YEAR, LATEST_YEAR

_COUNTER = pattern("<counter>")
_ACT = pattern("<act>")
_KANJI = pattern("<kanji>")
_NAME_BEHIND = pattern("[ ]?(?:<name_after>|[ABCDFGKRSX](?![A-Za-z])|年(?!間)|月)")
_AMOUNT_HERE = pattern("(?:<digit>[0-9,.]*|<numeral>+)[千万億]?[ ]?<counter>")
_KATAKANA = re.compile("[ァ-ヶー]")
_ODD_COUNTER = pattern("[ ]?((?:<kanji>|[ァ-ヶー]){1,8})")
_STANDS = pattern(r"$|[\s、。)(]|<suffix>")
_HELD = frozenset({"日", "日間", "時間", "分"})  # may be how long something is to be held
_SUFFIX = pattern("<suffix>")
_ENDS = pattern(r"$|[\n\t。、)]|以[上内下]|程度")
_JOINS = pattern("[ ]?(?:<dash>|[/→⇒])[ ]?")
_BOUNDED = pattern("[ ]?(?:<suffix>|[〜→⇒])|から<digit>")
_BEHIND_NUMERALS = pattern(r"$|[\s、。)(]|<suffix>|[をにがはでとの]|<act>")

_BRACKETS = {"(": ")", "[": "]", "【": "】", "〔": "〕", "〈": "〉", "《": "》", "{": "}"}
_CLOSING = frozenset(_BRACKETS.values())
_DEEPEST = 30  # brackets within brackets


@dataclass
class Scanner:
    text: str
    here: int = 0
    pieces: list[Piece] = field(default_factory=list)

    def run(self) -> list[Piece]:
        while self.here < len(self.text):
            char = self.text[self.here]
            if char in _BRACKETS:
                self._add("OPEN", self.here + 1)
            elif char in _CLOSING:
                self._add("CLOSE", self.here + 1)
            elif not any(self._try(rule) for rule in RULES):
                self._running_text()
        return _settled(self.pieces)

    def _try(self, rule: Rule) -> bool:
        if rule.behind is not None:
            last = self.pieces[-1].kind if self.pieces else ""
            if last not in rule.behind and not (last == "CLOSE" and rule.behind >= AMOUNT):
                return False
        match = rule.pattern.match(self.text, self.here)
        if match is None:
            return False
        reader = getattr(self, f"_read_{rule.kind.lower()}", None)
        return reader(match) if reader else self._add(rule.kind, match.end())

    def _add(self, kind: str, end: int, **said: object) -> bool:
        piece = Piece(kind, self.text[self.here : end], self.here, end, **said)  # type: ignore[arg-type]
        self.pieces.append(piece)
        self.here = end
        return True

    def _running_text(self) -> None:
        """One character of running text; neighbours make one token."""
        if self.pieces and self.pieces[-1].kind == "WORD":
            last = self.pieces.pop()
            text = last.text + self.text[self.here]
            self.pieces.append(Piece("WORD", text, last.start, self.here + 1))
            self.here += 1
        else:
            self._add("WORD", self.here + 1)

    # Words --------------------------------------------------------------------------------------

    def _read_all_year_long(self, match: re.Match[str]) -> bool:
        return self._add("SUFFIX", match.end(), word="ALL_YEAR")

    def _read_suffix(self, match: re.Match[str]) -> bool:
        behind = self.text[match.end() : match.end() + 1]
        if match[1] in words.NO_SUFFIX_BEFORE_KANJI and _KANJI.match(behind):
            return False
        return self._add("SUFFIX", match.end(), word=words.SUFFIXES[match[1]])

    def _read_per(self, match: re.Match[str]) -> bool:
        return self._add("PER", match.end(), word=words.PER_SLASH[match[1]])

    def _read_blank(self, match: re.Match[str]) -> bool:
        counter = _COUNTER.match(self.text, match.end())
        if counter is None or counter[0] not in words.BLANK_UNITS:
            return self._add("NAME", match.end())
        why = f"「{match[0]}{counter[0]}」には数が書かれていません。"
        if match[0] == "〇":
            why = f"「〇{counter[0]}」は0か空欄か分かりません。"
        return self._add("NAME", counter.end(), odd=why)

    def _read_vague(self, match: re.Match[str]) -> bool:
        return self._add("NAME", match.end(), odd=f"「{match[0]}」は数として読めません。")

    def _read_aim(self, match: re.Match[str]) -> bool:
        return self._add("NAME", match.end(), odd=f"「{match[0]}」が目標の値かどうか分かりません。")

    def _read_earlier(self, match: re.Match[str]) -> bool:
        tail, joined = match["tail"] or "", match["with"] or ""
        to = match["to"].removeprefix("対")
        to = words.EARLIER_NAMES.get(to, to)
        if "比" in tail or (match["to"].startswith("対") and not joined):
            return self._add("EARLIER_RATIO", match.end(), word=to)
        if match["to"] not in words.EARLIER and (not tail and joined not in words.COMPARED_WITH):
            return False  # a year, as in 令和2年度 10回
        return self._add("EARLIER", match.end(), word=to)

    def _read_prefix(self, match: re.Match[str]) -> bool:
        before = self._before()
        if before and before in words.NO_PREFIX_AFTER.get(match[1], ""):
            return False
        return self._add("PREFIX", match.end(), word=words.PREFIXES[match[1]])

    def _read_minus(self, match: re.Match[str]) -> bool:
        return self._add("PREFIX", match.end(), word="MINUS")

    def _read_frequency(self, match: re.Match[str]) -> bool:
        before = self._before()
        if before and before in words.NO_FREQUENCY_AFTER:
            return False
        return self._add("FREQUENCY", match.end(), word=words.FREQUENCIES[match[1]])

    def _read_each(self, match: re.Match[str]) -> bool:
        said = match.groupdict()
        if said.get("noun"):
            return self._add("EACH", match.end(), word="回" if said["noun"] == "毎回" else "")
        noun = said.get("every") or match[1]
        return self._add("EACH", match.end(), word=words.COUNTERS[noun] if noun else "")

    def _read_rate(self, match: re.Match[str]) -> bool:
        """1人1日当たりのごみ量: of the figure that comes later."""
        return self._add("RATE", match.end(), word=match[1].replace("一", "1"))

    # Dates --------------------------------------------------------------------------------------

    def _read_year(self, match: re.Match[str]) -> bool:
        if match["western"]:
            year = int(match["western"])
        else:
            number = 1 if match["number"] == "元" else int(match["number"])
            year = ERA_NAMES[match["era"]].starts.year + number - 1
        short = str(number) if match["era"] else ""
        fiscal = match["kind"] == "年度"
        return self._add("YEAR", match.end(), number=Decimal(year), fiscal=fiscal, word=short)

    def _read_year_short(self, match: re.Match[str]) -> bool:
        """The second year of 令和4〜6年度 counts in the era of the first."""
        first = next((p for p in reversed(self.pieces) if p.kind == "YEAR"), None)
        if first is None or first.number is None or not first.word:
            return False
        year = first.number - Decimal(first.word) + int(match[1])
        return self._add("YEAR", match.end(), number=year, fiscal=match[0].endswith("度"))

    def _read_month(self, match: re.Match[str]) -> bool:
        return self._add("MONTH", match.end(), number=Decimal(match[1]))

    def _read_day(self, match: re.Match[str]) -> bool:
        return self._add("DAY", match.end(), number=Decimal(match[1]))

    def _read_years_total(self, match: re.Match[str]) -> bool:
        return self._add("YEARS_TOTAL", match.end(), number=Decimal(match[1]))

    # Numbers ------------------------------------------------------------------------------------

    def _read_fraction(self, match: re.Match[str]) -> bool:
        below, above = figure(match[1]), figure(match[2])
        if not below or not above or above > below:
            why = f"「{match[0]}」は割合として読めません。"
            return self._add("NAME", match.end(), odd=why)
        share = (above * 100 / below).quantize(Decimal("0.01"))
        near = "NEAR" if share * below != above * 100 else ""
        return self._add("FRACTION", match.end(), number=share, word=near)

    def _read_half(self, match: re.Match[str]) -> bool:
        word = "OVER" if match[1] == "過半数" else ""
        return self._add("FRACTION", match.end(), number=Decimal(50), word=word)

    def _read_change(self, match: re.Match[str]) -> bool:
        ratio = Decimal(200) if match[1] == "倍増" else Decimal(50)
        return self._add("CHANGE", match.end(), number=ratio)

    def _read_tenths(self, match: re.Match[str]) -> bool:
        self._add("NUMBER", self.here + 1, number=Decimal(match[1]) * 10 + Decimal(match[2]))
        return self._add("UNIT", match.end(), word="%")

    def _read_few(self, match: re.Match[str]) -> bool:
        """5、6回: two neighbours are a range, 2、5回 is not."""
        low, high = figure(match[1]), figure(match[2])
        if low is None or high != low + 1:
            return False
        self._add("NUMBER", match.end(1), number=low)
        self._add("RANGE", match.start(2))
        return self._add("NUMBER", match.end(), number=high) and self._add_unit()

    def _read_digits(self, match: re.Match[str]) -> bool:
        end = match.end()
        if self._numbers_a_line(end):
            return self._add("NAME", end)
        if self._in_a_name(end):
            name = _NAME_BEHIND.match(self.text, end)
            return self._add("NAME", name.end() if name else end)
        value = figure(match[0])
        counter = self._counter(end)
        if re.search(r"[0-9] $", self.text[max(0, self.here - 2) : self.here]):
            value = None  # 5 0人
        if value is None:
            end = counter[1] if counter else end
            why = f"「{_shortened(self.text[self.here : end])}」は数として読めません。"
            return self._add("NAME", end, odd=why)
        if counter and not self._is_a_date_or_length(*counter):
            tenfold = counter[0] == "割"
            self._add("NUMBER", end, number=value * 10 if tenfold else value)
            return self._add("UNIT", counter[1], word="%" if tenfold else counter[0])
        if counter:
            said_alone = (
                counter[0] in _HELD
                and self._before() in ("", " ", ":")
                and _ENDS.match(self.text, counter[1])
            )
            why = f"「{self.text[self.here : counter[1]]}」が目標の数かどうか分かりません。"
            return self._add("NAME", counter[1], odd=why if said_alone else "")
        if (link := _JOINS.match(self.text, end)) and self._amount_at(link.end()):
            return self._add("NUMBER", end, number=value)
        return self._bare(end, value)

    def _bare(self, end: int, value: Decimal) -> bool:
        """A number without a counter that is known: read only where it stands alone."""
        odd = _ODD_COUNTER.match(self.text, end)
        before = self.text[max(0, self.here - 2) : self.here]
        apart = before[-1:] in ("", " ", "\t", ":", "(")
        version = re.search(r"[A-Za-z] $", before) and value % 1  # WCAG 2.2
        free = (apart and not version) or self._prefixed()
        act = _ACT.match(odd[1]) if odd else None
        if odd and free and (act is None or act.end() < len(odd[1])):
            unit, stop = odd[1], odd.end()
            if _ENDS.match(self.text, stop):
                self._add("NUMBER", end, number=value)
                return self._add("UNIT", stop, word=unit, odd=f"「{unit}」は知らない単位です。")
            why = f"「{self.text[self.here : stop]}」が目標の数かどうか分かりません。"
            return self._add("NAME", end, odd=why)
        a_year = value % 1 == 0 and EARLIEST_YEAR <= value <= LATEST_YEAR and not self._prefixed()
        if free and _ENDS.match(self.text, end) and not a_year:
            return self._add("NUMBER", end, number=value)
        return self._add("NAME", end)

    def _read_numerals(self, match: re.Match[str]) -> bool:
        """一万二千株, 三か所: with a counter behind, and nothing around that they could be of."""
        value, counter = figure(match[0]), self._counter(match.end())
        if value is None or counter is None or _NAME_BEHIND.match(self.text, match.end()):
            return False
        if self._is_a_date_or_length(*counter):
            return False
        if not self._prefixed():
            if _KANJI.match(self._before()):
                return False
            if value < 10 and counter[0] not in words.CLEAR_WITH_KANJI:
                return False
            if not _BEHIND_NUMERALS.match(self.text, counter[1]):
                return False
        self._add("NUMBER", match.end(), number=value)
        return self._add("UNIT", counter[1], word=counter[0])

    def _add_unit(self) -> bool:
        counter = self._counter(self.here)
        return self._add("UNIT", counter[1], word=counter[0]) if counter else True

    def _before(self) -> str:
        """The character before; nothing at the beginning."""
        return self.text[self.here - 1 : self.here] if self.here else ""

    def _prefixed(self) -> bool:
        """Whether the word right before says how a number is meant: 計, 約, 月, 中."""
        return bool(self.pieces) and self.pieces[-1].kind in PREFIXES | LINKS

    # What stands around a number ----------------------------------------------------------------

    def _numbers_a_line(self, end: int) -> bool:
        """1 確実な業務執行, 2 地域で支えあう…: a heading's number, though 地域 is a counter too."""
        if self._before() not in ("", "\n") or self.text[end : end + 1] not in {" ", "\t"}:
            return False
        counter = self._counter(end)
        return counter is None or not _STANDS.match(self.text, counter[1])

    def _in_a_name(self, end: int) -> bool:
        if _NAME_BEHIND.match(self.text, end):
            return True
        before = self.text[max(0, self.here - 14) : self.here]
        if before.endswith(words.NAME_BEFORE) and not before.endswith(words.NO_NAME_BEFORE):
            return True
        if before.endswith(" ") and before.rstrip().endswith(words.NAME_BEFORE_SPACE):
            return True
        latin = re.search(r"[A-Za-z]+[.-]?$", before)
        if latin:  # A4, COVID-19, but LED10灯
            return len(latin[0]) < 2 or latin[0][-1] in ".-" or self._counter(end) is None
        return bool(re.search(r"[0-9.]$", before))

    def _counter(self, end: int) -> tuple[str, int] | None:
        """The counter behind a number and where it ends; none if it begins a longer word."""
        start = end + (self.text[end : end + 1] == " ")
        match = _COUNTER.match(self.text, start)
        if match is None:
            return None
        stop, last = match.end(), match[0][-1]
        behind = self.text[stop : stop + 1]
        goes_on = (
            (_KANJI.match(last) and _KANJI.match(behind) and not self._acts_at(stop))
            or (_KATAKANA.match(last) and _KATAKANA.match(behind) and not self._acts_at(stop))
            or (last.isascii() and last.isalpha() and behind.isascii() and behind.isalnum())
        )
        return None if goes_on else (words.COUNTERS[match[0]], stop)

    def _acts_at(self, place: int) -> bool:
        """Whether the word here is what is done (3回開催) or the next amount (3回二十人)."""
        said = _ACT.match(self.text, place) or _SUFFIX.match(self.text, place)
        return bool(said) or self._amount_at(place)

    def _amount_at(self, place: int) -> bool:
        """Whether a number with a counter begins here."""
        return _AMOUNT_HERE.match(self.text, place) is not None

    def _is_a_date_or_length(self, unit: str, stop: int) -> bool:
        """5日 may be a day, 3年間 a length: a count only behind 週 or 計, or before 以内."""
        if unit not in words.TIME_UNITS:
            return False
        return not self._prefixed() and not _BOUNDED.match(self.text, stop)


def _shortened(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"


def _settled(pieces: list[Piece]) -> list[Piece]:
    """What leads to no amount is running text after all; a bracket behind an amount is its note."""
    backwards: list[Piece] = []
    ahead, leads = "", False  # leads: what comes next begins an amount
    for piece in reversed(pieces):
        kind = piece.kind
        compares = kind in EARLIERS and ahead in {"OPEN", "SUFFIX"}  # 前年度以上
        if (kind in PREFIXES | LINKS and not leads and not compares) or (
            kind == "SPAN" and ahead not in DATE
        ):
            kind = "WORD"
        backwards.append(piece if kind == piece.kind else replace(piece, kind=kind))
        if compares and kind != "WORD":  # a claim of its own, apart from an amount before it
            backwards.append(Piece("SEPARATOR", "", piece.start, piece.start))
        ahead = kind
        leads = kind in CORES or (kind in PREFIXES and not compares)
    settled: list[Piece] = []
    notes: list[bool] = []
    paired = _paired(backwards[::-1])
    for place, piece in enumerate(reversed(backwards)):
        kind = piece.kind
        if kind in {"OPEN", "CLOSE"} and place not in paired:
            kind = "SEPARATOR"
        elif kind == "OPEN":
            spaced = len(settled) > 1 and settled[-1].text == " " and settled[-2].kind in AMOUNT
            if spaced:
                settled.pop()
            notes.append(bool(settled) and settled[-1].kind in AMOUNT | EARLIERS)
            kind = "NOTE_OPEN" if notes[-1] else kind
        elif kind == "CLOSE":
            kind = "NOTE_CLOSE" if notes.pop() else kind
        elif kind in LINKS | {"SUFFIX", "PER"}:
            behind = settled[-1].kind if settled else ""
            if behind not in AMOUNT and not (kind == "SUFFIX" and behind in EARLIERS):
                kind = "WORD"
        settled.append(piece if kind == piece.kind else replace(piece, kind=kind))
    return settled


def _paired(pieces: list[Piece]) -> set[int]:
    """Which brackets have a partner. One without is punctuation."""
    paired: set[int] = set()
    waiting: list[tuple[str, int]] = []
    for place, piece in enumerate(pieces):
        if piece.kind == "OPEN" and len(waiting) < _DEEPEST:
            waiting.append((_BRACKETS[piece.text], place))
        elif piece.kind == "CLOSE" and waiting and piece.text == waiting[-1][0]:
            paired |= {waiting.pop()[1], place}
    return paired
