"""Numbers as people type them: １，２００ / 1.2万 / 3千 / ▲5 / 一万二千.

Rule 1  A figure is read only where it can mean one thing. Anything else is refused with a sentence
        that says what was read and what would be accepted; nothing is guessed.
Rule 2  Full-width and half-width are the same; stray spaces do not count, nor does what nobody
        sees: a copied figure brings a BOM or a left-to-right mark along.
Rule 3  A comma stands every three digits or not at all. 1,2 may be 1.2 or 12, so it is refused.
Rule 4  千, 万, 億, 兆 multiply: 1.2万 is 12000, 1億2,000万 is 120000000. A single digit behind one
        (2万5) is refused: some mean 25,000 by it and some 20,005.
Rule 5  ▲, △, −, - and ー in front are a minus.
Rule 6  A counter behind the figure is tolerated where it is the target's own.
Rule 7  At most 11 digits before the point and 4 after it: what the database holds.

Exact decimals throughout. ``1e9``, ``NaN``, dates and ``12.5.3`` are no numbers.
"""

from __future__ import annotations

import re
from decimal import Decimal

from kpis.units import SPELLINGS, fold, normal_unit

MOST_INTEGER_DIGITS = 11
MOST_DECIMALS = 4
MOST_TYPED = 60

MINUS_SIGNS = "-−‐‑‒–—ー－▲△"
#: Without width, and without power over the order in which digits are seen (U+202E has it).
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u202a\u202c\u2060\u2066\u2069\ufeff"))
_COMMAS = str.maketrans({"，": ",", "﹐": ",", "．": ".", "﹒": "."})

KANJI_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0}
SMALL = {"十": 10, "百": 100, "千": 1_000}
LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}

# Counters that people type behind a figure though the target has another one. Only these are
# called units in the refusal; of anything else behind a figure it is not known what it is.
OTHER_UNITS = (
    frozenset(SPELLINGS)
    | set("回人件円台枚冊部校園戸日年週分秒点本社店割")
    | {
        *(
            "団体",
            "地区",
            "施設",
            "拠点",
            "会場",
            "世帯",
            "時間",
            "事業",
            "種類",
            "店舗",
            "千円",
            "日間",
        ),
    }
)

_MESSAGES = {
    "empty": (
        "数が入力されていません。「12」や「1.2万」のように入力してください。",
        "No number was entered. Type it like “12” or “1.2万”.",
    ),
    "not_a_number": (
        "「{typed}」は数として読めません。「12」や「1.2万」のように数だけを入力してください。",
        "“{typed}” cannot be read as a number. Type the number alone, like “12” or “1.2万”.",
    ),
    "comma": (
        "「{typed}」のカンマは、桁の区切りか小数点か分かりません。"
        "「1,200」や「1.2」のように入力してください。",
        "The comma in “{typed}” may mean thousands or decimals. Type it like “1,200” or “1.2”.",
    ),
    "space": (
        "「{typed}」は、空白で分かれた2つの数か1つの数か分かりません。"
        "空白を入れずに入力してください。",
        "“{typed}” may be one number or two. Type it without spaces.",
    ),
    "points": (
        "「{typed}」には小数点が2つ以上あります。「12.5」のように入力してください。",
        "“{typed}” has more than one decimal point. Type it like “12.5”.",
    ),
    "date_or_range": (
        "「{typed}」は日付・範囲・分数のように読めます。"
        "1つの数を「12」や「1.2万」のように入力してください。",
        "“{typed}” looks like a date, a range or a fraction. Type one number, like “12”.",
    ),
    "short_form": (
        "「{typed}」は2とおりに読めます。「2万5000」や「20005」のように、すべての桁を"
        "入力してください。",
        "“{typed}” can mean two numbers. Type all its digits, like “2万5000” or “20005”.",
    ),
    "too_many_digits": (
        "「{typed}」は桁が多すぎます。整数は11桁まで、小数は4桁までで入力してください。",
        "“{typed}” has too many digits: at most 11 before the point and 4 after it.",
    ),
    "other_unit": (
        "「{typed}」の単位は、この目標の単位「{unit}」と違います。"
        "「{unit}」での数だけを入力してください。",
        "“{typed}” has another unit than this target ({unit}). Type the number in {unit} alone.",
    ),
}


class UnreadableNumber(ValueError):
    """What was typed is no single number. ``key`` and ``params`` are the message's pieces.

    ``str()`` is the Japanese sentence; ``text("en")`` the English one.
    """

    def __init__(self, key: str, typed: str, **params: str) -> None:
        self.key = key
        self.typed = typed
        shown = " ".join(typed.split())
        shown = shown if len(shown) <= 30 else shown[:30] + "…"
        self.params: dict[str, str] = {"typed": shown, **params}
        super().__init__(self.text())

    def text(self, lang: str = "ja") -> str:
        return _MESSAGES[self.key][1 if lang.lower().startswith("en") else 0].format(**self.params)


_PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_SPACED = re.compile(r"([1-9][0-9]{0,2})((?: [0-9]{3})+)(?![0-9 ])")
_BODY = re.compile(r"[0-9.,〇零一二三四五六七八九十百千万億兆]+")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9.]) +(?=[0-9.])")


def read_number(typed: str, *, unit: str = "") -> Decimal:
    """The number that was typed, exactly; raises UnreadableNumber. ``unit`` is the target's own."""
    text = fold(typed).translate(_COMMAS | _UNSEEN).strip()
    if not text:
        raise UnreadableNumber("empty", typed)
    if len(text) > MOST_TYPED:
        digits_only = not re.search(r"[^0-9.,\- ]", text)
        raise UnreadableNumber("too_many_digits" if digits_only else "not_a_number", typed)
    minus = text[0] in MINUS_SIGNS
    text = text[1:].strip() if minus or text[0] == "+" else text
    body, behind = _split(_join_spaced(text, typed))
    if not body:
        raise UnreadableNumber("not_a_number", typed)
    if re.match(r"[-−–—/〜~:年月日][0-9]", behind):
        raise UnreadableNumber("date_or_range", typed)
    key, value = _value(body)
    if behind and not (unit and normal_unit(behind) == normal_unit(unit)):  # rule 6
        if unit and key is None and normal_unit(behind) in OTHER_UNITS:
            raise UnreadableNumber("other_unit", typed, unit=unit)
        raise UnreadableNumber("not_a_number", typed)
    if key is not None:
        raise UnreadableNumber(key, typed)
    return -value if minus and value else value


def figure(digits: str) -> Decimal | None:
    """The value of a run of digits as printed in a policy (1,200 / 1.2万 / 一万二千), or None.

    For readers of running text, which have found the run themselves; rules 3, 4 and 7 hold.
    """
    key, value = _value(digits)
    return value if key is None else None


def plain(value: Decimal) -> str:
    """A decimal as text without exponent and without trailing zeros: 12.50 → 12.5."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _join_spaced(text: str, typed: str) -> str:
    """Take out stray spaces (rule 2); two digits groups may be two numbers, unless 1 200 000."""
    text = re.sub(r"(?<=,) +(?=[0-9])| +(?=,)", "", text)
    text = _SPACED.sub(lambda match: match[0].replace(" ", ""), text)
    if _BETWEEN_DIGITS.search(text):
        raise UnreadableNumber("space", typed)
    return text.replace(" ", "")


def _split(text: str) -> tuple[str, str]:
    match = _BODY.match(text)
    return (match[0], text[match.end() :]) if match else ("", text)


def _value(body: str) -> tuple[str | None, Decimal]:
    """The value of a run of digits, or the key of the message that says why there is none."""
    nothing = Decimal(0)
    if len(body) > MOST_TYPED:
        return "too_many_digits", nothing
    if re.search(r"[十百千万億兆]", body):
        key, value = _multiplied(body)
    elif re.fullmatch(r"[〇零一二三四五六七八九]+", body):
        key, value = None, Decimal(int("".join(str(KANJI_DIGITS[digit]) for digit in body)))
    else:
        key, value = _digits(body)
    if key is None and not fits(value):
        key = "too_many_digits"
    return key, nothing if key else _tidy(value)


def _digits(text: str) -> tuple[str | None, Decimal]:
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return None, Decimal(text.replace(",", ""))
    if not re.fullmatch(r"[0-9.,]+", text) or not re.search(r"[0-9]", text):
        return "not_a_number", Decimal(0)
    return "comma" if "," in text else "points", Decimal(0)


_SECTION = re.compile(r"([^万億兆]*)([万億兆])")
_DIGIT = r"([0-9]|[一二三四五六七八九])?"
_SMALL = re.compile(rf"(?:{_DIGIT}千)?(?:{_DIGIT}百)?(?:{_DIGIT}十)?{_DIGIT}")


def _multiplied(body: str) -> tuple[str | None, Decimal]:
    """1.2万, 3千, 1億2,000万, 2万5000, 一万二千, 5百万 (rule 4)."""
    total, below, position = Decimal(0), Decimal(10**16), 0
    for match in _SECTION.finditer(body):
        factor = Decimal(LARGE[match[2]])
        key, value = _section(match[1])
        if key or not value or factor >= below or total % 1 or (total and value >= 10_000):
            return key or "not_a_number", Decimal(0)
        total, below, position = total + value * factor, factor, match.end()
        if total % factor and position < len(body):  # 1.2万3千
            return "not_a_number", Decimal(0)
    rest = body[position:]
    if not rest:
        return None, total
    if position and re.fullmatch(r"[0-9]|[一二三四五六七八九]", rest):
        return "short_form", Decimal(0)
    key, value = _section(rest)
    if not key and position and (value >= 10_000 or value % 1):
        key = "not_a_number"
    return key, total + value


def _section(text: str) -> tuple[str | None, Decimal]:
    """What stands before 万, 億 or 兆, or behind the last of them: 1.2, 2,000, 5百, 二千三百."""
    if match := re.fullmatch(r"([0-9.,]+)([十百千])", text):  # 3千, 1.5千, 3,500千
        key, value = _digits(match[1])
        return key, value * SMALL[match[2]]
    if re.fullmatch(r"[0-9.,]+", text):
        return _digits(text)
    match = _SMALL.fullmatch(text)
    if not match or not text:
        return "not_a_number", Decimal(0)
    if (
        re.search(r"[百千][0-9一二三四五六七八九]$", text)
        and "十" not in text
        and "千" in text[-2:]
    ):
        return "short_form", Decimal(0)
    total = 0
    for digit, factor, name in zip(match.groups(), (1000, 100, 10, 1), "千百十 ", strict=True):
        total += factor * (_one(digit) if digit else int(name in text))
    return None, Decimal(total)


def _one(digit: str) -> int:
    return KANJI_DIGITS[digit] if digit in KANJI_DIGITS else int(digit)


def fits(value: Decimal) -> bool:
    """Rule 7: whether the database holds it exactly."""
    integer, _, fraction = plain(abs(value)).partition(".")
    return len(integer.lstrip("0")) <= MOST_INTEGER_DIGITS and len(fraction) <= MOST_DECIMALS


def _tidy(value: Decimal) -> Decimal:
    return Decimal(plain(value))
