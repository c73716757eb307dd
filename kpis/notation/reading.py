"""The notation reader: what a target phrase of a printed policy promises.

Policies print targets in many forms: 30回, 49園中33園, 500人（累計14,000人）, 満足度90%, 月2回,
計8回（4エリア各2回）, 区内全戸. ``read`` says what such a phrase holds, in the terms of the policy
document. docs/notation.md lists the forms.

Rule 1   Nothing is guessed. What cannot be read is said (``unread``); what could be read in another
         way carries a sentence of what a person must check (``check``).
Rule 2   A number that is part of a name is no target: 第4期, 3歳児, 国道16号, 10月.
Rule 3   Counted things add up over the periods (sum). Shares, running totals, levels with a
         baseline, averages and rates per month are states (latest), and so is what is 維持 (kept).
Rule 4   A figure with a total (計8回) is the total; what it is made of is the breakdown.
Rule 5   What is printed as a rate stays one: 月2回 is 2 per 月, never 24.
Rule 6   A change against an earlier year, and a range, give no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from kpis.notation import words
from kpis.notation.claims import ClaimReader
from kpis.notation.target import Target, bind, bind_moment, due_by_period
from kpis.notation.tokens import Folded, Piece, fold_text
from kpis.notation.tree import Claim, Item, Moment, Season, Unreadable, flat, parse

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase holds: its targets in policy-document terms, and why something was not read."""

    text: str
    targets: list[dict[str, Any]]
    unread: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "targets": self.targets, "unread": self.unread}


def read(text: str) -> Reading:
    """What a phrase promises. Never raises; a phrase without a quantity has no targets."""
    if len(text) > LONGEST:
        return Reading(text, [], f"{LONGEST:,}字を超える文は読み取りません。分けてください。")
    folded = fold_text(text)
    bare = folded.text.strip()
    if not bare:
        return Reading(text, [], "何も書かれていません。")
    if bare in words.NOTHING_PRINTED:
        return Reading(text, [], f"「{bare}」には目標が書かれていません。")
    try:
        return _Reader(folded).read()
    except Unreadable as why:
        return Reading(text, [], str(why))


_SENTENCE_END = re.compile(r"[。\n;\r]")
_BULLET = "・"
_AS_OF = ("現在）", "現在)")
_MARKS = re.compile(r"^[\s①-⑳㉑-㊿●○◎◯■□◆◇★☆▶▷⇒→・\-※*:、,]+|[\s:、,・\-⇒→]+$")
_LABEL_TAIL = re.compile(r"(?:を|は|が|に|の|で|として|について)$")


class _Reader:
    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.claims = ClaimReader(folded)
        self.unread = self.claims.unread
        self.targets: list[Target] = []

    def read(self) -> Reading:
        for sentence in _sentences(parse(self.folded)):
            self.targets += self._sentence(sentence)
        ids = {id(target): f"t{n}" for n, target in enumerate(self.targets, 1)}
        unread = "".join(dict.fromkeys(self.unread)) or None
        return Reading(self.folded.printed, [t.as_dict(ids) for t in self.targets], unread)

    def _sentence(self, items: list[Item]) -> list[Target]:
        found: list[Target] = []
        seasons: list[Season] = []
        all_year: list[Piece] = []
        per = ""
        moment: Moment | None = None
        start = items[0].start if items else 0
        level = list(flat(items))
        starts = [item.start for item in level if isinstance(item, Claim)]
        ends = iter([*starts[1:], level[-1].end if level else 0])
        for item in level:
            if isinstance(item, Piece):
                per = item.word if item.kind == "RATE" else per
                self.unread += [item.odd] if item.odd else []
                all_year += [item] if item.kind == "ALL_YEAR" else []
            elif isinstance(item, Season):
                seasons.append(item)
                if not self._label(start, item.start):
                    start = item.end
            elif isinstance(item, Moment):
                moment = _listed(moment, item, self.folded.text)
            elif isinstance(item, Claim):
                before = self.folded.text[start : item.start]
                behind = self.folded.text[item.end : next(ends)]
                if (when := self._right_before(moment, item.start)) is not None:
                    start = start if self._label(start, when.start) else when.end
                label = self._label(start, when.start if when else item.start)
                made = self.claims.read(item, before, label, behind)
                if per and made and not made[0].per and made[0].value is not None:
                    made[0].per, made[0].accumulation, per = per, "latest", ""
                for target in made:
                    if when is not None:
                        bind_moment(target, when)
                    target.label = label or (found[-1].label if found else "")
                found += made
                start = item.end
        ending = self.folded.text[items[0].start : items[-1].end].rstrip() if items else ""
        if found and ending.endswith(("ました", "でした")):
            said = "」「".join(target.printed for target in found)
            self.unread.append(f"「{said}」は済んだことの数で、目標ではありません。")
            return []
        found = self._totals(self._conditions(found))
        if any(target.reference and target.printed.endswith(_AS_OF) for target in found):
            return []  # 委員 地域代表6人、有識者1名（令和2年3月31日現在）
        found = _baselines(found, self.unread)
        found = _plans(found, self.folded.slice)
        return self._seasons(found, seasons, all_year)

    def _right_before(self, moment: Moment | None, place: int) -> Moment | None:
        """10月に3回, 令和7年度 累計50か所: the date that stands with the amount here."""
        if moment is None or moment.day or moment.end > place:
            return None
        between = self.folded.text[moment.end : place]
        return moment if between.strip() in ("", "に", "は", ":", "中に", "の") else None

    def _label(self, start: int, end: int) -> str:
        """What is printed before a quantity, without marks and particles."""
        before = self.folded.text[start:end]
        label = _label(before)
        place = start + before.rfind(label)
        return self.folded.slice(place, place + len(label))

    def _totals(self, found: list[Target]) -> list[Target]:
        """1地区2回 計18回, 3地区×2回＝6回: the first is what the second is made of."""
        kept: list[Target] = []
        for target in found:
            last = kept[-1] if kept else None
            if last is not None and last.unit == target.unit and not last.breakdown.count("、"):
                between = self.folded.text[last.end : target.start].strip()
                if between == "=" or (target.total and between in ("", "、", ",")):
                    target.breakdown = last.printed
                    target.start, target.label = last.start, last.label
                    target.printed = self.folded.slice(last.start, target.end)
                    kept.pop()
            kept.append(target)
        return kept

    def _conditions(self, found: list[Target]) -> list[Target]:
        """70%以上が「…」と回答した地区 9地区中5地区: the share is a condition of the count."""
        kept: list[Target] = []
        for place, target in enumerate(found):
            following = found[place + 1] if place + 1 < len(found) else None
            if target.measure == "percentage" and following is not None:
                between = self.folded.text[target.end : following.start]
                match = re.match(r"[^。\n]*?と(?:回答|答え|感じ|評価)", between)
                if match and not re.search(r"[、。]", between[match.end() :]):
                    following.condition = self.folded.slice(target.start, target.end + match.end())
                    following.nature = "outcome"
                    middle = self._label(target.start, following.start)
                    following.label = target.label + middle
                    continue
            kept.append(target)
        return kept

    # When -----------------------------------------------------------------------------------------

    def _seasons(
        self, found: list[Target], seasons: list[Season], all_year: list[Piece]
    ) -> list[Target]:
        if found:
            for target in found:
                for season in seasons:
                    bind(target, season, self.folded.slice)
            return found
        if seasons:
            first, last = seasons[0], seasons[-1]
            target = Target(first.start, last.end, measure="milestone", accumulation="")
            for season in seasons:
                bind(target, season, self.folded.slice)
            if target.starts_month is None and target.ends_month is None and not target.deadline:
                return []
            target.printed = self.folded.slice(first.start, last.end)
            target.label = self._label(_line_start(self.folded.text, first.start), first.start)
            return [target]
        if all_year:
            piece = all_year[0]
            target = Target(piece.start, piece.end, measure="milestone", accumulation="")
            target.ongoing = True
            target.printed = self.folded.slice(piece.start, piece.end)
            target.label = self._label(_line_start(self.folded.text, piece.start), piece.start)
            return [target]
        return []


# Small steps ------------------------------------------------------------------------------------


def _sentences(items: list[Item]) -> Iterator[list[Item]]:
    """The items between sentence ends, line ends and bullets (・ behind a space)."""
    sentence: list[Item] = []
    before = "\n"
    for item in items:
        text = item.text if isinstance(item, Piece) else ""
        if _breaks(text, before):
            yield sentence
            sentence = []
        else:
            sentence.append(item)
        before = text or "x"
    yield sentence


def _breaks(text: str, before: str) -> bool:
    return bool(_SENTENCE_END.fullmatch(text)) or (text == _BULLET and before in " \t\n")


def _label(before: str) -> str:
    last = re.split(r"[\t\n]|[ >]・", before)[-1]
    last = re.sub(r"^を?[^、。]{0,6}?(?:し|して)(?:、|$)", "", _MARKS.sub("", _MARKS.sub("", last)))
    last = re.sub(r"^(?:今|本|当)?年度(?:内|中)に?$", "", last)
    last = _MARKS.sub("", _LABEL_TAIL.sub("", last)).strip()
    return last.lstrip(")").rstrip("(").strip()


def _listed(before: Moment | None, moment: Moment, text: str) -> Moment:
    """The second of 9月・10月 carries the first with it."""
    if before is None or before.month is None or before.year or moment.year:
        return moment
    if text[before.end : moment.start].strip() not in ("・", "、", "及び", "と"):
        return moment
    return replace(moment, start=before.start, since=before.since or before.month)


def _line_start(text: str, place: int) -> int:
    return max(text.rfind(sign, 0, place) for sign in "\n。\t") + 1


def _plans(found: list[Target], printed: Callable[[int, int], str]) -> list[Target]:
    """Neighbours for the periods of one year are one target with a plan."""
    kept: list[Target] = []
    run: list[Target] = []

    def close() -> None:
        if len(run) > 1:
            first, last = run[0], run[-1]
            adds = first.accumulation == "sum"
            first.plan = due_by_period(run, adds=adds)
            first.value = first.plan[last.period]
            first.printed = printed(first.start, last.end)
            first.end = last.end
            kept.append(first)
        elif run:
            only = run[0]
            only.starts_month, only.ends_month = words.PERIOD_MONTHS[only.period]
            kept.append(only)
        run.clear()

    for target in found:
        planned = target.period and target.value is not None and target.measure != "ratio"
        if run and (not planned or target.unit != run[0].unit or target.period <= run[-1].period):
            close()
        if planned:
            run.append(target)
        else:
            kept.append(target)
    close()
    return kept


def _baselines(found: list[Target], unread: list[str]) -> list[Target]:
    """現状値30%、目標値50%: a figure of an earlier year is the baseline of the level behind it."""
    kept: list[Target] = []
    for place, target in enumerate(found):
        if not target.reference:
            kept.append(target)
            continue
        following = found[place + 1] if place + 1 < len(found) else None
        if following is not None and following.unit == target.unit and target.value is not None:
            following.baseline = target.value
            if following.accumulation == "sum":
                following.accumulation = "latest"
                following.checks.append("前の数を期首の値と読みました。")
            if following.value is not None and following.value < target.value:
                following.direction = "at_most"
        else:
            unread.append(f"「{target.printed}」は前の年度の数で、目標ではありません。")
    return kept
