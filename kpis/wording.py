"""Rule 6: how figures and rates read, and the formula of a rate as a sentence.

Everything before this is exact; rounding happens here, and only for a reader.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kpis.figures import Formula, Missing, Result, Stage, Status, Target


def percent(fraction: Fraction) -> str:
    """One half is "50.0": one decimal, half up. Short of 100 % never reads 100.0, but 99.9."""
    top, bottom = fraction.numerator, fraction.denominator
    tenths = (2000 * top + bottom) // (2 * bottom)
    if tenths >= 1000 and top < bottom:
        tenths = 999
    return f"{tenths // 10}.{tenths % 10}"


def decimal_text(number: Fraction | Decimal | int) -> str:
    """The exact decimal without trailing zeros; two decimals, half up, where it does not end."""
    exact = Fraction(number)
    top, bottom = abs(exact.numerator), exact.denominator
    places, rest = 0, bottom
    while rest % 10 == 0:
        rest //= 10
        places += 1
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
            places += 1
    if rest != 1:
        places = 2
        digits = (2 * top * 100 + bottom) // (2 * bottom)
    else:
        digits = top * 10**places // bottom
    sign = "-" if exact < 0 and digits else ""
    if not places:
        return f"{sign}{digits}"
    whole, decimals = divmod(digits, 10**places)
    text = f"{decimals:0{places}d}"
    return f"{sign}{whole}.{text}"


def grouped(number: Fraction | Decimal | int) -> str:
    """As `decimal_text`, in groups of three and with a real minus sign: 13,900 or −2.5."""
    whole, point, decimals = decimal_text(number).lstrip("-").partition(".")
    sign = "−" if number < 0 else ""
    return f"{sign}{int(whole):,}{point}{decimals}"


def with_unit(number: Fraction | Decimal | int, unit: str, lang: str = "ja") -> str:
    """550回 or 100%; an English reader gets a space before a Japanese counter."""
    space = "" if lang.startswith("ja") or unit in ("", "%", "％") else " "
    return f"{grouped(number)}{space}{unit}"


# Names of the codes, Japanese and English; a policy may have its own names of statuses

STATUS_NAMES = {
    Status.ACHIEVED: ("達成", "Achieved"),
    Status.ON_TRACK: ("順調", "On track"),
    Status.SLIGHTLY_BEHIND: ("やや遅れ", "Slightly behind"),
    Status.BEHIND: ("遅れ", "Behind"),
    Status.NEARLY_ACHIEVED: ("おおむね達成", "Nearly achieved"),
    Status.NOT_ACHIEVED: ("未達", "Not achieved"),
    Status.NOT_JUDGED: ("これから", "Not due yet"),
    Status.NOT_ENTERED: ("未入力", "Not entered"),
    Status.CANCELLED: ("中止", "Cancelled"),
    Status.POSTPONED: ("延期", "Postponed"),
}
STAGE_NAMES = {
    Stage.NOT_STARTED: ("未着手", "Not started"),
    Stage.PREPARING: ("準備中", "Preparing"),
    Stage.UNDER_WAY: ("実施中", "Under way"),
    Stage.DONE: ("完了", "Done"),
}
MISSING_NAMES = {
    Missing.PENDING: ("集計中", "Being counted"),
    Missing.NOT_SURVEYED: ("今期は調査なし", "No survey this period"),
    Missing.NOT_APPLICABLE: ("対象外", "Not applicable"),
    Missing.SUPPRESSED: ("非公表", "Not published"),
}
WITHIN_ALLOWANCE = ("枠内", "Within the allowance")


# The formula of a rate, for a resident who wants to work it out again -----------------------------

_SENTENCES = {
    "share": ("{T}のうち{A}: {a} ÷ {t} {is} {rate}%", "{A} of {T}: {a} ÷ {t} {is} {rate}%"),
    "beyond": ("{T}に対し{A}: {a} ÷ {t} {is} {rate}%", "{A} against {T}: {a} ÷ {t} {is} {rate}%"),
    "nothing_asked": (
        "{T}に対し{A}: 報告があれば {rate}%",
        "{A} against {T}: reported, so {rate}%",
    ),
    "within": (
        "{T}以下のところ{A}: 上限以内なので {rate}%",
        "{A} where at most {T}: within the limit, so {rate}%",
    ),
    "over": (
        "{T}以下のところ{A}: {t} ÷ {a} {is} {rate}%",
        "{A} where at most {T}: {t} ÷ {a} {is} {rate}%",
    ),
    "over_nothing": (
        "{T}以下のところ{A}: 上限を超えたので {rate}%",
        "{A} where at most {T}: over the limit, so {rate}%",
    ),
    "covered": (
        "{B}から{T}までの道のりで、いま{A}: ({a} − {b}) ÷ ({t} − {b}) {is} {rate}%",
        "From {B} to {T}, now {A}: ({a} − {b}) ÷ ({t} − {b}) {is} {rate}%",
    ),
    "turned_back": (
        "{B}から{T}までの道のりで、いま{A}: 基準値より後退したので {rate}%",
        "From {B} to {T}, now {A}: back behind the baseline, so {rate}%",
    ),
    "kept": (
        "基準値{B}がはじめから{T}を満たし、{A}も満たしているので {rate}%",
        "The baseline {B} met {T} already, and {A} still does: {rate}%",
    ),
    "slipped": (
        "基準値{B}がはじめから{T}を満たしていたが、{A}は満たさない: {a} ÷ {t} {is} {rate}%",
        "The baseline {B} met {T} already, but {A} does not: {a} ÷ {t} {is} {rate}%",
    ),
    "slipped_over": (
        "基準値{B}がはじめから{T}を満たしていたが、{A}は満たさない: {t} ÷ {a} {is} {rate}%",
        "The baseline {B} met {T} already, but {A} does not: {t} ÷ {a} {is} {rate}%",
    ),
    "lost": (
        "基準値{B}がはじめから{T}を満たしていたが、{A}は満たさないので {rate}%",
        "The baseline {B} met {T} already, but {A} does not: {rate}%",
    ),
}
_NO_RATE = {
    "milestone": ("節目の目標のため、達成率はありません。", "A milestone has no rate."),
    "no_figure": ("実績がまだないため、達成率はありません。", "No figure yet, so no rate."),
    "no_denominator": (
        "分母が0のため、達成率はありません。",
        "The denominator is 0, so there is no rate.",
    ),
    "no_target": ("目標値がないため、達成率はありません。", "No target value, so no rate."),
    "no_expected": (
        "この時点の目安がないため、進み具合の率はありません。",
        "Nothing is expected by now, so there is no pace.",
    ),
}
_OVERALL = ("。全体では {a} ÷ {t} {is} {rate}%", ". Overall {a} ÷ {t} {is} {rate}%")
_OVERALL_OF_NOTHING = ("。全体では {rate}%", ". Overall {rate}%")
_OVERALL_ONLY = ("（基準値がないため全体の率）", " (an overall rate: there is no baseline)")
_INCOMPLETE = ("（報告のない期があります）", " (a period has no figure)")
_EXPECTED = ("目安{T}", "{T} expected")
_DENOMINATOR = ("{whole}中{part}", "{part} of {whole}")


def explain(result: Result, target: Target, unit: str = "", lang: str = "ja") -> str:
    """The rate as a sum that can be checked: 「550回のうち275回: 275 ÷ 550 = 50.0%」.

    `lang` is ja or en. Where there is no rate, the sentence says why.
    """
    words = 0 if lang == "ja" else 1
    if result.rate is None or result.formula is None:
        return _why_none(result, target)[words]
    text = _sentence(result.formula, result.rate, target, unit, words)
    if result.overall_rate is not None:
        asked = result.formula.values["T"] > 0
        text += (_OVERALL if asked else _OVERALL_OF_NOTHING)[words].format(
            **_terms(result.formula, unit, words),
            **_equals(result.overall_rate, words),
        )
    if result.overall_only:
        text += _OVERALL_ONLY[words]
    return text + (_INCOMPLETE[words] if result.incomplete else "")


def explain_pace(result: Result, target: Target, unit: str = "", lang: str = "ja") -> str:
    """The pace in the same way; its `T` is the figure expected by now."""
    words = 0 if lang == "ja" else 1
    if result.pace is None or result.pace_formula is None:
        if result.rate is None:
            return _why_none(result, target)[words]
        return _NO_RATE["no_expected"][words]
    text = _sentence(result.pace_formula, result.pace, target, unit, words, _EXPECTED[words])
    return text + (_INCOMPLETE[words] if result.incomplete else "")


def _why_none(result: Result, target: Target) -> tuple[str, str]:
    if target.is_milestone:
        return _NO_RATE["milestone"]
    if result.to_date is None:
        return _NO_RATE["no_figure"]
    return _NO_RATE["no_target" if result.target_value is None else "no_denominator"]


def _sentence(
    formula: Formula, rate: Fraction, target: Target, unit: str, words: int, goal: str = "{T}"
) -> str:
    key = formula.key
    figure, against = formula.values["A"], formula.values["T"]
    part_of_it = goal == "{T}" and figure <= against and "m" not in formula.values
    if key == "share" and (target.measure == "percentage" or not part_of_it):
        key = "beyond"
    elif key == "over" and against <= 0:
        key = "over_nothing"
    elif key == "covered" and rate == 0 and figure != formula.values["B"]:
        key = "turned_back"
    elif key == "slipped" and target.is_limit:
        key = "slipped_over"
    terms = _terms(formula, unit, words)
    terms["T"] = goal.format(T=terms["T"])
    return _SENTENCES[key][words].format(**terms, **_equals(rate, words))


def _terms(formula: Formula, unit: str, words: int) -> dict[str, str]:
    """Each figure twice: A, T, B to be read, with unit and denominator; a, t, b to calculate."""
    lang = ("ja", "en")[words]
    m, planned_m = formula.values.get("m"), formula.values.get("m_T")
    terms = {}
    for name in ("A", "T", "B"):
        if name not in formula.values:
            continue
        value = formula.values[name]
        part = with_unit(value, unit, lang)
        whole = m if name == "A" else planned_m
        if whole is None:
            terms[name] = part
            terms[name.lower()] = grouped(value)
        else:
            terms[name] = _DENOMINATOR[words].format(part=part, whole=with_unit(whole, unit, lang))
            terms[name.lower()] = f"({grouped(value)} ÷ {grouped(whole)})"
    return terms


def _equals(rate: Fraction, words: int) -> dict[str, str]:
    is_exact = (rate * 1000).denominator == 1
    return {"is": "=" if is_exact else "≒≈"[words], "rate": percent(rate)}
