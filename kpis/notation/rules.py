"""The table of tokens: what each looks like, in the order in which they are tried.

A pattern is a regular expression in which <counter>, <prefix> and so on stand for the words of
words.toml. Letters and digits are half-width: tokens.py folds the text first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kpis.notation import words
from wards.calendar import ERAS

CORES = frozenset({"NUMBER", "FRACTION", "WHOLE", "ZERO", "CHANGE"})
AMOUNT = CORES | {"UNIT", "SUFFIX", "PER", "NOTE_CLOSE"}  # an amount may end with these
EARLIERS = frozenset({"EARLIER", "EARLIER_RATIO"})
PREFIXES = EARLIERS | {"PREFIX", "EACH", "FREQUENCY", "YEARS_TOTAL"}
LINKS = frozenset({"OF", "RANGE", "TIMES", "ARROW", "FROM", "SLASH", "AT"})
DATE = frozenset({"YEAR", "YEAR_END", "MONTH", "DAY", "END"})

ERA_NAMES = {name: era for era in ERAS for name in (era.name, era.letter)}


def any_of(entries: Iterable[str]) -> str:
    """One of these words, the longest that fits."""
    longest_first = sorted(set(entries), key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(re.escape(word) for word in longest_first)})"


_NAMES = {
    "digit": "[0-9]",
    "kanji": r"[\u4e00-\u9fff々]",
    "numeral": "[〇一二三四五六七八九十百千万億]",
    "dash": r"[〜\-–―−]",
    "counter": any_of(words.COUNTERS),
    "prefix": any_of(words.PREFIXES),
    "frequency": any_of(words.FREQUENCIES),
    "suffix": any_of(words.SUFFIXES),
    "apiece": any_of(words.APIECE),
    "per": any_of(words.PER_SLASH),
    "act": any_of(words.ACTS),
    "earlier": any_of(words.EARLIER),
    "earlier_tail": any_of(words.EARLIER_TAILS),
    "earlier_with": any_of(words.EARLIER_WITH),
    "whole": any_of(words.WHOLE),
    "whole_behind": any_of(words.WHOLE_BEHIND),
    "zero": any_of(words.ZERO),
    "zero_behind": any_of(words.ZERO_BEHIND),
    "vague": any_of(words.VAGUE),
    "name_after": any_of(words.NAME_AFTER),
    "era": any_of(ERA_NAMES),
    "ka": words.KA,
    "not_a_count": words.NOT_A_COUNT,
    "month": "(?:1[0-2]|0?[1-9])",
    "end": r"(?:$|(?=[\n\t。、,;()<]))",  # of the clause
    "apart": r"(?<![0-9A-Za-z.])",  # not within a word or a number
    # right before a number, and the number
    "number": "(?:目標値|約|計|全|延べ|のべ|累計|平均|最低|各|月|週|年|毎年)?[ ]?[0-9]",
}
_NAMES["number_soon"] = (
    f"(?=(?:[、 :]?(?:{_NAMES['prefix']}|{_NAMES['frequency']})){{0,4}}[ :、]?"
    f"(?:[0-9]|{_NAMES['numeral']}{{1,8}}{_NAMES['counter']}))"
)


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression with the names of the table filled in."""
    return re.compile(re.sub(r"(?<!\?P)<([a-z_]+)>", lambda match: _NAMES[match[1]], text))


@dataclass(frozen=True, slots=True)
class Rule:
    kind: str
    pattern: re.Pattern[str]
    behind: frozenset[str] | None  # only right behind one of these


def _rule(kind: str, *text: str, behind: frozenset[str] | None = None) -> Rule:
    return Rule(kind, pattern("".join(text)), behind)


RULES: tuple[Rule, ...] = (
    # Behind an amount: what links it to the next, and what is said of it.
    _rule("ALL_YEAR_LONG", "[ ]?×[ ]?(?:通年|年間|全期間|1年間?)", behind=AMOUNT),
    _rule("OF", "[ ]?(?:のうち|の中で|中|の内|うち)[、:]?[ ]?(?=<number>)", behind=AMOUNT),
    _rule("RANGE", "[ ]?<dash>[ ]?(?=<digit>)", behind=AMOUNT),
    _rule("ARROW", "[ ]?[→⇒][ ]?(?=<number>)", behind=AMOUNT),
    _rule("FROM", "から[、 ]?(?=<number>)", behind=AMOUNT),
    _rule("TIMES", "[ ]?[×xX*][ ]?(?=<number>)", behind=AMOUNT),
    _rule("SLASH", "[ ]?/[ ]?(?=全?<digit>)", behind=AMOUNT),
    _rule("AT", "[ ]?<apiece>[、 :]?(?=<number>)", behind=AMOUNT),
    _rule(
        "EACH", "(?:で|に|が|にて|とも)?[、 ]?(?P<noun>各|それぞれ)[ ]?(?=<number>)", behind=AMOUNT
    ),
    _rule("PER", "[ ]?/[ ]?(<per>)(?!<kanji>)", behind=AMOUNT),
    _rule("SUFFIX", "[ ]?(<suffix>)", behind=AMOUNT | EARLIERS),
    # Behind a date.
    _rule(
        "SPAN",
        r"[ ]?(?:<dash>|から)[ ]?(?:翌年?の?)?",
        r"(?=<month>[ ]?月|<era>|20<digit>{2}年|<digit>{1,2}[ ]?年|年度末)",
        behind=DATE,
    ),
    _rule("END", "[ ]?(?:末日|末|中|内|上旬|中旬|下旬|頃|ごろ|当初)", behind=DATE - {"END"}),
    _rule("UNTIL", "[ ]?(?:までに|まで|迄に|迄)", behind=DATE),
    _rule("SINCE", "[ ]?(?:以降|から)", behind=DATE),
    _rule("DAY", "[ ]?(3[01]|[12][0-9]|0?[1-9])[ ]?日(?!間|以)", behind=frozenset({"MONTH"})),
    _rule("YEAR_SHORT", "(<digit>{1,2})[ ]?年度?", behind=frozenset({"SPAN"})),
    # What is quoted, linked or left blank holds no figure.
    _rule(
        "NAME", r"「[^「」\n]{0,80}(?:「[^「」\n]{0,40}」[^「」\n]{0,40})?」|『[^『』\n]{0,80}』"
    ),
    _rule("NAME", r"“[^”\n]{0,80}”|https?://[^\s()<>\u3000-\uffff]+"),
    _rule("NAME", r"[0-9A-Za-z._+-]{1,64}@[0-9A-Za-z.-]{1,64}"),
    _rule("BLANK", "[○〇◯×●＊*]{1,4}(?=<counter>)(?!〇)"),
    _rule("VAGUE", "<vague><counter>?|<digit>+数<counter>"),
    # Years, and what is compared with them.
    _rule(
        "EARLIER",
        "(?<!<kanji>)(?P<to><earlier>|対?(?:<era>|20)[0-9元]{1,2}年度?)",
        "(?P<tail><earlier_tail>)?(?P<with><earlier_with>)?[、:]?[ ]?",
        "(?=[0-9(▲△+]|<prefix>|<suffix>)",
    ),
    _rule("ALL_YEAR", "通年|年間を通じて|[1一]年を通じて|(?<!<kanji>)(?<!<digit>)年間<end>"),
    _rule("YEAR_END", "[今本当翌]?年度末(?=[ ]?(?:まで|迄))"),
    _rule(
        "YEARS_TOTAL",
        "<apart>([2-9]|1<digit>)[ ]?(?:<ka>年間?|年間)(?:で|の?累計|の?合計|計)(?:累計)?[ 、:]?",
    ),
    _rule(
        "YEAR",
        "<apart>(?:(?P<era><era>)[ ]?(?P<number><digit>{1,2}|元)",
        "|(?P<western>(?:19|20|21)<digit>{2}))",
        "[ ]?(?P<kind>年度(?!比)|年(?!間)(?!度比)|(?=〜[ ]?<era>?<digit>{1,4}[ ]?年))",
    ),
    _rule(
        "MONTH",
        "<apart>(<month>)[ ]?(?:月(?!間|号|例|刊|齢)|",
        "(?=(?:<dash>|[・、])[ ]?<month>[ ]?月(?!間|号)))",
    ),
    # Before an amount.
    _rule(
        "EACH",
        "各[ ]?(<counter>)?(?:で|に|とも|ごとに|につき|あたり|当たり)?[、 :]?(?=<number>|[一二三])",
    ),
    _rule("RATE", "<apart>((?:[0-9一]<counter>){1,2})<apiece>(?![、 :]?<number>)"),
    _rule("EACH", "(?P<noun>毎回|それぞれ|いずれも)[、 ]?(?=<number>)"),
    _rule("EACH", "(?<!<kanji>)(?P<every><counter>)(?:ごとに|毎に)[、 ]?(?=<number>)"),
    _rule("MINUS", r"(?<![^\s:])[-−–](?=<digit>)"),
    _rule("PREFIX", "(<prefix>)[ :、に]?<number_soon>"),
    _rule("FREQUENCY", "(<frequency>)[ :、]?<number_soon>"),
    # Amounts without digits.
    _rule("WHOLE", r"(?:区内|市内)?<whole>[ ]?(?:(?=<whole_behind>|\([ ]?<digit>)|<end>)"),
    _rule("AIM", "<zero>を目指(?:す|します)<end>"),
    _rule("ZERO", "(?<=.)<zero>(?:(?=<zero_behind>)|<end>)"),
    _rule("CHANGE", "(?<=.)(倍増|半減)(?:(?=<zero_behind>)|<end>)"),
    _rule("FRACTION", "(<digit>+|<numeral>{1,4})分の(<digit>+|<numeral>{1,4})"),
    _rule("HALF", "(過半数|半数|半分)(?=以上|を超|が)"),
    # Numbers; what is none comes first.
    _rule("NAME", "<apart>(?:<not_a_count>)"),
    _rule("NAME", "<apart><digit>{1,2}/<digit>{1,2}(?!<digit>|[ ]?<counter>)"),
    _rule("TENTHS", "<apart>(<digit>)割(<digit>)分(?!<digit>)"),
    _rule(
        "FEW",
        "<apart>([1-8一二三四五六七八])[、・]([2-9二三四五六七八九])",
        "(?=[ ]?(?:回|人|名|件|か所|団体|校)(?!目))",
    ),
    _rule(
        "DIGITS",
        "(?:<digit>[0-9,.]*<digit>|<digit>)",
        "(?:[千百]?[万億兆](?:<digit>[0-9,.]*)?|[千百](?![葉代])(?:<digit>百)?)*",
    ),
    _rule("NUMERALS", "<numeral>{1,20}"),
    _rule("SEPARATOR", r"[ \t\n\r\f\v\u2028\u2029。、,・;|/:<>…]"),
)
