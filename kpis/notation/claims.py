"""What one claim means: a statement of a quantity, as the target it promises.

The rules are those of reading.py, which puts claims together to sentences.
"""

from __future__ import annotations

import re
from decimal import Decimal

from kpis.notation import words
from kpis.notation.modifiers import COMPARED, apply_words, set_direction
from kpis.notation.target import Target, bind, decimal_text, due_by_period
from kpis.notation.tokens import Folded, Piece
from kpis.notation.tree import (
    Amount,
    Claim,
    Group,
    Moment,
    Note,
    Season,
    claims_in,
    flat,
    groups_of,
)
from kpis.numbers import plain

_ANSWERED = re.compile(r"[^、。\n]{0,60}?と(?:回答|答え|感じ|評価)")
_SUBJECT = re.compile(r"^(?:の[^、。\n「]{1,10}?)?が(?P<what>[^。\n]{1,60})")


class ClaimReader:
    """Reads the claims of one text; ``unread`` gathers what makes no sense."""

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.unread: list[str] = []

    def read(self, claim: Claim, before: str, label: str, behind: str) -> list[Target]:
        if claim.compared is not None:
            return [self._comparison(claim)]
        groups = groups_of(claim)
        if groups is None:
            self._give_up(claim)
            return []
        made = [self._group(amounts, links) for amounts, links in groups]
        if any(target is None for target in made):
            self._give_up(claim)
            return []
        targets = [target for target in made if target is not None]
        main = self._main(targets, groups)
        if main is None:
            return []
        amounts = next(a for (a, _), t in zip(groups, targets, strict=True) if t is main)
        more = self._notes(main, amounts, claim)
        main.start, main.end = claim.start, max(main.end, claim.end)
        end = claim.notes[0].start - 1 if more and claim.notes else claim.end
        main.printed = self.folded.slice(claim.start, end)
        main.total = amounts[0].has("TOTAL")
        self._accumulate(main, amounts, before, label)
        self._outcome(main, before, behind)
        return [*more, main] if main.follows is not None else [main, *more]

    def _give_up(self, claim: Claim) -> None:
        self.unread.append(f"「{self.folded.slice(claim.start, claim.end)}」は読み取れません。")

    def _comparison(self, claim: Claim) -> Target:
        """前年度以上, 前年度実績（120人）以上: a level that an earlier year sets."""
        compared = claim.compared
        if compared is None:
            raise AssertionError
        target = Target(claim.start, claim.end, accumulation="latest")
        target.printed = self.folded.slice(claim.start, claim.end)
        target.relative = {"to": compared.word}
        sorts = {piece.word for piece in claim.suffixes}
        known = [c for note in claim.notes for c in claims_in(note.items)]
        if len(known) == 1 and (groups := groups_of(known[0])) and len(groups) == 1:
            amount = groups[0][0][0]
            target.value, target.unit = amount.core.number, amount.unit
            if amount.unit == "%":
                target.measure = "percentage"
            target.reference = not sorts
        if sorts & {"LE", "LT", "DOWN"}:
            target.direction = "at_most"
        strict = "「以上」「以下」として読みました。" if sorts & {"GT", "LT", "UP", "DOWN"} else ""
        target.checks.append(f"{strict}{compared.word}の数を確かめて、目標の値を入れてください。")
        return target

    def _group(self, amounts: list[Amount], links: list[Piece]) -> Target | None:
        """The amounts that links hold together, as one target; None where they make no sense."""
        last = amounts[-1]
        target = Target(amounts[0].start, last.end, unit=last.unit)
        kind = links[0].kind if links else ""
        if kind == "FROM":
            kind = "ARROW" if _moves(last) else "RANGE"
        readers = {
            "": self._plain,
            "OF": _ratio,
            "SLASH": _share,
            "RANGE": _range,
            "ARROW": _moved,
            "TIMES": self._times,
            "AT": self._apiece,
        }
        if len(links) > 1 or not readers[kind](target, amounts):
            return None
        if links and links[0].kind == "FROM" and kind == "RANGE":
            target.checks.append("幅か、増減か分かりません。")
        apply_words(target, Amount([piece for amount in amounts for piece in amount.pieces]))
        return target

    def _plain(self, target: Target, amounts: list[Amount]) -> bool:
        amount = amounts[-1]
        core = amount.core
        target.value, target.unit = core.number, amount.unit
        if core.kind == "WHOLE":
            target.measure, target.unit = "percentage", "%"
            target.value, target.baseline = Decimal(100), Decimal(0)
            target.checks.append("全体の数が書かれていません。100%、期首0%と読みました。")
        elif core.kind == "ZERO":
            target.value, target.direction = Decimal(0), "at_most"
        elif core.kind == "FRACTION":
            target.measure, target.unit = "percentage", "%"
            target.approx = core.word == "NEAR"
            if core.word == "OVER":
                target.checks.append("「過半数」を50%以上と読みました。")
        elif core.kind == "CHANGE":  # 倍増, 半減
            target.measure, target.unit, target.value = "percentage", "%", None
            target.relative = {"ratio": decimal_text(core.number) or "", "unit": "%"}
            target.direction = "at_most" if core.number == 50 else ""
            target.checks.append(COMPARED)
        elif amount.unit == "%":
            target.measure = "percentage"
        elif (amount.has("ALL") and amount.unit not in words.EVENT_UNITS) or amount.has("EVERY"):
            target.measure, target.of = "ratio", core.number
        elif core.number == 0:
            target.direction = "at_most"
        if core.kind == "NUMBER" and not amount.unit:
            target.checks.append("単位が書かれていません。")
        return True

    def _apiece(self, target: Target, amounts: list[Amount]) -> bool:
        """講座1回当たり20人."""
        self._plain(target, amounts)
        target.per = (decimal_text(amounts[0].core.number) or "") + amounts[0].unit
        return bool(target.per)

    def _times(self, target: Target, amounts: list[Amount]) -> bool:
        """2校区×3回 is 6回, if a person agrees; 月2回×12か月 stays 2 per 月 (rule 5)."""
        often = [a for a in amounts if a.piece("FREQUENCY") or a.piece("PER")]
        if often:
            other = amounts[1] if often[0] is amounts[0] else amounts[0]
            target.breakdown = self.folded.slice(other.start, other.end)
            return self._plain(target, often[:1])
        first, second = amounts
        if (
            first.core.number is None
            or second.core.number is None
            or "%" in (first.unit, second.unit)
        ):
            return False
        target.unit = max(amounts, key=lambda a: (a.unit == "人", a.unit == "回", a is second)).unit
        target.value = first.core.number * second.core.number
        target.breakdown = self.folded.slice(first.start, second.end)
        shown = f"{plain(target.value)}{target.unit}"
        target.checks.append(f"「{target.breakdown}」を合わせて{shown}と読みました。")
        return True

    # Side by side -------------------------------------------------------------------------------

    def _main(self, targets: list[Target], groups: list[Group]) -> Target | None:
        """Of amounts printed side by side, the one that is promised (rule 4)."""
        if len(targets) == 1:
            return targets[0]
        firsts = [amounts[0] for amounts, _ in groups]
        if all(target.unit in words.TIME_UNITS for target in targets):
            return None  # 2時間30分
        if len(targets) == 2 and targets[0].value == 1 and targets[0].unit == "人":
            return None  # 1人1台, 1人3回
        totals = [t for t, a in zip(targets, firsts, strict=True) if a.has("TOTAL", "CUM", "GROSS")]
        main = totals[0] if len(totals) == 1 else targets[-1]
        others = [target for target in targets if target is not main]
        main.breakdown = "、".join(self.folded.slice(t.start, t.end) for t in others)
        counted = [t for t in others if t.value is not None and t.value != 1]
        each = firsts[targets.index(main)].piece("EACH")
        if each is not None and len(others) == 1 and others[0].value is not None:
            main.per = f"1{others[0].unit}"
            if main.value is not None:
                product = plain(main.value * others[0].value)
                main.checks.append(
                    f"合計は書かれていません。{product}{main.unit}なら書き直してください。"
                )
        elif not totals and counted:
            main.checks.append(
                f"「{main.breakdown}」の合計か、それぞれの数か分かりません。合計と読みました。"
            )
        for target in others:
            main.checks += target.checks
        return main

    # Brackets behind ----------------------------------------------------------------------------

    def _notes(self, main: Target, amounts: list[Amount], claim: Claim) -> list[Target]:
        more: list[Target] = []
        for note in claim.notes:
            printed = self.folded.slice(note.start, _inner_end(note))
            folded = self.folded.text[note.start : _inner_end(note)]
            for piece in note.suffixes:
                set_direction(main, {piece.word})
            inner = list(claims_in(note.items))
            if folded.strip().endswith("現在") and not inner:
                main.reference = True
            self.unread += [i.odd for i in flat(note.items) if isinstance(i, Piece) and i.odd]
            if self._whole_counted(main, amounts, inner):
                continue
            this_year = main.cumulative and re.search("今年度|本年度|当年度|単年度", folded)
            if this_year and (year := self._yearly(main, inner)):
                more.append(year)
                continue
            if inner and "累計" in folded and (total := self._running_total(main, inner)):
                more.append(total)
                continue
            if re.search(r"累計|累積|通算", folded) and not inner:
                main.cumulative = True
            if match := re.fullmatch(r"\s*(.{1,6}?)(?:当たり|あたり|当り|につき)\s*", folded):
                main.per = match[1] if match[1][0].isdigit() else "1" + match[1]
            elif re.fullmatch(r"年間?|年度", folded.strip()):
                main.per = "年"
            elif re.fullmatch(r"延べ|のべ|延べ人数|延べ数", folded.strip()):
                main.gross = True
            elif self._planned_in(main, inner):
                main.breakdown = main.breakdown or printed
            elif re.search(words.LEVEL_BEFORE, folded) and len(inner) == 1:
                self._was(main, inner[0], printed)
            elif inner or any(isinstance(i, Moment) for i in note.items):
                main.breakdown = "、".join(filter(None, (main.breakdown, printed)))
                if inner and not (
                    re.search(words.BREAKDOWN_SAID, folded) or self._adds_up(main, inner)
                ):
                    main.checks.append(f"かっこの中の「{printed}」も目標なら、分けてください。")
            elif "除く" in folded or "対象" in folded or "以上" in folded:
                main.condition = main.condition or printed
            for season in flat(note.items):
                if isinstance(season, Season):
                    bind(main, season, self.folded.slice)
        return more

    def _adds_up(self, main: Target, inner: list[Claim]) -> bool:
        """100件（電話60件・来所40件）."""
        groups = [group for claim in inner for group in groups_of(claim) or ()]
        amounts = [amount for amounts, _ in groups for amount in amounts]
        values = [amount.core.number or Decimal(0) for amount in amounts]
        alike = all(amount.unit in ("", main.unit) for amount in amounts)
        return alike and len(values) > 1 and sum(values) == main.value

    def _whole_counted(self, main: Target, amounts: list[Amount], inner: list[Claim]) -> bool:
        """全校(16校) is sixteen of sixteen."""
        if amounts[-1].core.kind != "WHOLE" or len(inner) != 1:
            return False
        counted = [part for part in inner[0].parts if isinstance(part, Amount)]
        if len(counted) != 1 or counted[0].core.number is None or not counted[0].unit:
            return False
        main.measure, main.accumulation, main.unit = "ratio", "sum", counted[0].unit
        main.value = main.of = counted[0].core.number
        main.baseline = None
        main.checks.clear()
        return True

    def _running_total(self, main: Target, inner: list[Claim]) -> Target | None:
        """500人（累計14,000人）: the running total beside the year's own figure."""
        if len(inner) != 1:
            return None
        groups = groups_of(inner[0])
        if not groups or len(groups) != 1:
            return None
        target = self._group(*groups[0])
        if target is None or target.value is None or target.unit not in ("", main.unit):
            return None
        target.unit = main.unit
        target.cumulative, target.accumulation = True, "latest"
        target.follows = main
        target.printed = self.folded.slice(inner[0].start, inner[0].end)
        if main.measure != "number":
            return None
        return target

    def _yearly(self, main: Target, inner: list[Claim]) -> Target | None:
        """累計5,000人（うち今年度500人）: the year's own figure beside the running total."""
        groups = groups_of(inner[0]) if len(inner) == 1 else None
        year = self._group(*groups[0]) if groups and len(groups) == 1 else None
        if year is None or year.value is None or year.unit != main.unit:
            return None
        year.printed = self.folded.slice(inner[0].start, inner[0].end)
        year.accumulation = "sum"
        main.follows = year
        return year

    def _planned_in(self, main: Target, inner: list[Claim]) -> bool:
        """計5回（上半期3回、下半期2回）."""
        parts = []
        for claim in inner:
            groups = groups_of(claim)
            part = self._group(*groups[0]) if groups and len(groups) == 1 else None
            if part is None or not part.period or part.value is None:
                return False
            parts.append(part)
        if len(parts) < 2 or any(part.unit != main.unit for part in parts):
            return False
        main.plan = due_by_period(parts, adds=main.measure == "number")
        return True

    def _was(self, main: Target, claim: Claim, printed: str) -> None:
        """40%（現状35%）: the level it starts from, where the target is a level."""
        counted = [part for part in claim.parts if isinstance(part, Amount)]
        level = main.measure == "percentage" or main.cumulative or main.accumulation == "latest"
        if level and len(counted) == 1 and counted[0].unit == main.unit:
            main.baseline = counted[0].core.number
            main.accumulation = "latest"
        else:
            main.breakdown = main.breakdown or printed

    # What kind of target ------------------------------------------------------------------------

    def _accumulate(self, target: Target, amounts: list[Amount], before: str, label: str) -> None:
        """Rule 3."""
        near = re.sub(r"[\s:の]+$|を$|は$|が$", "", before.rstrip())
        standing = target.unit in words.STANDING_UNITS
        kept = any(amount.has("KEEP", "SAME") for amount in amounts)
        averaged = any(amount.has("AVERAGE") for amount in amounts)
        state = near.endswith(words.STATES) or (standing and re.search("維持|管理|継続", label))
        if (
            target.measure == "percentage"
            or target.cumulative
            or target.relative
            or target.baseline is not None
            or target.unit in words.LEVEL_UNITS
            or (target.per and target.per != "年")
            or (target.direction == "at_most" and target.unit in words.TIME_UNITS)
            or kept
            or averaged
            or any(amount.has("UP_TO_LEVEL") for amount in amounts)
            or state
        ):
            target.accumulation = "latest"
        if target.measure == "ratio" and not kept and not target.cumulative:
            target.accumulation = "sum"
        if target.measure == "ratio" and target.of is None:
            target.measure = "number"
        less = near.endswith(words.LESS_IS_BETTER)
        said = any(amount.has("GE", "LE", "GT", "LT", "MIN", "MAX") for amount in amounts)
        if less and not target.direction and not said and not target.relative:
            target.checks.append("少ないほどよい数なら、向きを「以下」にしてください。")

    def _outcome(self, target: Target, before: str, behind: str) -> None:
        if target.measure == "percentage":
            asked = _ANSWERED.match(behind) or _SUBJECT.match(behind)
            if match := _SUBJECT.match(behind):
                start = target.end + match.start("what")
                what = self.folded.slice(start, target.end + match.end("what"))
                target.condition = target.condition or re.split(r"[、。]", what)[0]
            if any(word in before[-30:] + (behind if asked else "") for word in words.OUTCOMES):
                target.nature = "outcome"


def _inner_end(note: Note) -> int:
    return note.end - 1 - sum(piece.end - piece.start for piece in note.suffixes)


def _ratio(target: Target, amounts: list[Amount]) -> bool:
    """49園中33園, 全16校のうち12校."""
    whole, part = amounts
    if whole.core.number is None or part.core.number is None:
        return False
    if part.unit == "%" and whole.unit != "%":
        target.measure, target.value = "percentage", part.core.number
        target.condition = f"{plain(whole.core.number)}{whole.unit}中"
        return True
    target.measure, target.unit = "ratio", part.unit or whole.unit
    target.value, target.of = part.core.number, whole.core.number
    return target.value <= target.of and {whole.unit, part.unit} <= {"", target.unit}


def _share(target: Target, amounts: list[Amount]) -> bool:
    """150団体/198団体."""
    return _ratio(target, amounts[::-1])


def _range(target: Target, amounts: list[Amount]) -> bool:
    """5〜6回."""
    low, high = amounts[0].core.number, amounts[1].core.number
    if low is None or high is None or low >= high or amounts[0].unit not in ("", target.unit):
        return False
    target.measure = "percentage" if target.unit == "%" else "number"
    target.range = f"{plain(low)}..{plain(high)}"
    return True


def _moved(target: Target, amounts: list[Amount]) -> bool:
    """120人から150人に増加, 100t→80t: a level and where it starts."""
    before, after = amounts[0].core.number, amounts[1].core.number
    unit = amounts[1].unit or amounts[0].unit
    if before is None or after is None or before == after or amounts[0].unit not in ("", unit):
        return False
    target.unit, target.baseline, target.value = unit, before, after
    target.measure = "percentage" if unit == "%" else "number"
    if after < before:
        target.direction = "at_most"
    return True


def _moves(last: Amount) -> bool:
    """Whether 120人から150人 goes on as に増加 or the like, and is no span."""
    return last.has("UP", "DOWN", "UP_TO_LEVEL", "DOWN_TO_LEVEL")
