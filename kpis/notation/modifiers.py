"""What the words around an amount say of it: 延べ, 約, 以上, 月, 前年度比, 増."""

from __future__ import annotations

from kpis.notation import words
from kpis.notation.target import Target
from kpis.notation.tree import Amount
from kpis.numbers import plain

COMPARED = "前との比較です。期首の値と目標の値を入れてください。"

_SORTS = {"H1", "H2", "Q1", "Q2", "Q3", "Q4"}


def apply_words(target: Target, amount: Amount) -> None:
    """What the words around an amount say of it."""
    sorts: dict[str, str] = {}
    for piece in amount.pieces:
        if piece.kind in {"PREFIX", "SUFFIX"}:
            sorts[piece.word] = piece.text.strip()
        elif piece.kind == "FREQUENCY":
            target.per = f"1{piece.word}" if amount.has("AVERAGE") else piece.word
        elif piece.kind == "PER":
            target.per = piece.word
        elif piece.kind == "EACH" and piece.word:
            target.per = f"1{piece.word}"
        elif piece.kind == "YEARS_TOTAL":
            target.cumulative = True
            target.checks.append("数年度の合計です。今年度までの累計か確かめてください。")
    target.cumulative |= "CUM" in sorts
    target.gross |= "GROSS" in sorts
    target.approx |= bool({"ABOUT", "NEAR"} & sorts.keys())
    target.period = next(iter(_SORTS & sorts.keys()), target.period)
    if "UNIQUE" in sorts:
        target.unique = True
        target.checks.append("実人数は、期ごとに足すと重なることがあります。")
    if amount.odd:
        target.checks.append(amount.odd)
    set_direction(target, set(sorts))
    _change(target, amount, sorts)


def set_direction(target: Target, sorts: set[str]) -> None:
    if sorts & {"LE", "LT", "MAX", "UP_TO", "DOWN_TO_LEVEL"}:
        target.direction = "at_most"
    elif sorts & {"GE", "GT", "MIN", "OVER"}:
        target.direction = ""
    if sorts & {"GT", "OVER"}:
        target.checks.append("「超える」を「以上」と読みました。")
    if "LT" in sorts:
        target.checks.append("「未満」を「以下」と読みました。")
    if sorts & {"UP_TO", "MAX"}:
        target.checks.append("上限として読みました。")


def _change(target: Target, amount: Amount, sorts: dict[str, str]) -> None:
    """10%アップ, 対前年度10件減, 前年度比110%, 2倍: no value, but what it is against (rule 6)."""
    earlier = amount.piece("EARLIER") or amount.piece("EARLIER_RATIO")
    share = target.unit in {"%", "ポイント"}
    up, down = "UP" in sorts or "PLUS" in sorts, "DOWN" in sorts or "MINUS" in sorts
    if earlier is not None:  # 前年度を10%上回る
        up, down = up or "GT" in sorts, down or "LT" in sorts
    if "UP" in sorts and not share and sorts["UP"].lstrip("のを") in words.CHANGES_OF_RATES:
        up = False  # 10団体の拡大: ten are won
    if sorts.keys() & {"LE", "LT"} or sorts.get("GE", "").endswith("に"):
        up = down = up and earlier is not None  # 20分以内に短縮: a level
    times = target.unit == "倍"
    ratio = earlier is not None and earlier.kind == "EARLIER_RATIO" and not up and not down
    if target.value is None and not target.range:
        if earlier is not None and target.relative:
            target.relative = {"to": earlier.word, **target.relative}
        return
    if target.baseline is not None:
        return  # 120人から150人に増加 says its level itself
    if not (up or down or times or ratio):
        if earlier is not None:
            target.reference = True
        return
    said = {"to": earlier.word} if earlier is not None else {}
    value, target.value = target.value, None
    target.measure = "percentage" if share or times else "number"
    if times and value is not None:
        target.unit, ratio, value = "%", True, value * 100
    if ratio and (target.unit != "%" or value is None):
        target.checks.append("前の年度との差か、比か分かりません。")
        said["by"] = plain(value) if value is not None else ""
    elif ratio and value is not None:
        said["ratio"] = plain(value)
        if value < 100 and target.direction != "at_most":
            target.checks.append("100%を下回ります。増やすのか減らすのか確かめてください。")
    elif value is not None:
        said["by"] = plain(-value if down else value)
    target.relative = {k: v for k, v in {**said, "unit": target.unit}.items() if v}
    if down:
        target.direction = "at_most"
    elif up and target.direction == "at_most" and "LE" not in sorts:
        target.direction = ""
    target.checks.append(COMPARED)
