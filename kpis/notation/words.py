"""The words the notation reader knows, from words.toml, and the few that are patterns.

Data, not rules: a counter or a name that a policy uses and the reader does not know is added to the
table.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from kpis.units import SPELLINGS

_TABLE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
)


def _words(key: str) -> tuple[str, ...]:
    return tuple(_TABLE[key].split())


def _kinds(key: str) -> dict[str, str]:
    """A table of kinds, turned round: word -> kind."""
    return {word: kind for kind, listed in _TABLE[key].items() for word in listed.split()}


# Counters: every spelling, to its normal form.
COUNTERS: dict[str, str] = {unit: unit for unit in _words("units")}
COUNTERS |= {alias: normal for normal, aliases in SPELLINGS.items() for alias in (normal, *aliases)}
COUNTERS |= {"世帯分": "世帯", "戸分": "戸"}

EVENT_UNITS = frozenset(_words("event_units"))
TIME_UNITS = frozenset(_words("time_units"))
STANDING_UNITS = frozenset(_words("standing_units"))
LEVEL_UNITS = frozenset(_words("level_units"))
CLEAR_WITH_KANJI = frozenset(_words("clear_with_kanji"))
BLANK_UNITS = frozenset(_words("blank_units"))
ACTS = _words("acts")

NAME_BEFORE = _words("name_before")
NO_NAME_BEFORE = _words("no_name_before")
NAME_BEFORE_SPACE = _words("name_before_space")
NAME_AFTER = _words("name_after")

PREFIXES = _kinds("prefixes")
NO_PREFIX_AFTER: dict[str, str] = _TABLE["no_prefix_after"]
FREQUENCIES = _kinds("frequencies")
# 昨年, 祝日, 12月: behind these a frequency is the end of another word.
NO_FREQUENCY_AFTER = (
    "昨前今本来翌同例当先平祝休土終即連正歳満隔毎元々一二三四五六七八九十0123456789"
)

EARLIER = _words("earlier")
EARLIER_NAMES = {"昨年度": "前年度", "昨年": "前年"}
EARLIER_TAILS = _words("earlier_tails")
EARLIER_WITH = _words("earlier_with")
COMPARED_WITH = _words("compared_with")

APIECE = _words("apiece")
PER_SLASH = _kinds("per_slash")
CHANGES_OF_RATES = frozenset(_words("changes_of_rates"))
NO_SUFFIX_BEFORE_KANJI = frozenset(_words("no_suffix_before_kanji"))
ZERO = _words("zero")
ZERO_BEHIND = _words("zero_behind")
WHOLE = _words("whole")
WHOLE_BEHIND = _words("whole_behind")

STATES = _words("states")
OUTCOMES = _words("outcomes")
LESS_IS_BETTER = _words("less_is_better")
NOTHING_PRINTED = _words("nothing_printed")
VAGUE = _words("vague")


def _suffixes() -> dict[str, str]:
    """Behind an amount: word -> kind. 10件減 is a change, 10件に減らす a level to reach."""
    up, down = (tuple(_TABLE["suffixes"][kind].split()) for kind in ("UP", "DOWN"))
    changes = {p + word: "UP" for word in up for p in ("", "の", "を", "ほど", "程度")}
    changes |= {p + word: "DOWN" for word in down for p in ("", "の", "を")}
    to = ("に", "へ", "まで", "へと", "までに")
    changes |= {p + word: "UP_TO_LEVEL" for word in up for p in to}
    changes |= {p + word: "DOWN_TO_LEVEL" for word in down for p in to}
    return _kinds("suffixes") | changes


SUFFIXES = _suffixes()

# Patterns -----------------------------------------------------------------------------------------

# How か in か月, か所, か年 is written.
KA = "[かヶヵカケヵ箇個]"

# Numbers that count nothing, by their shape.
NOT_A_COUNT = "|".join(
    (
        r"[0-9]{2,4}-[0-9]{1,4}-[0-9]{3,4}",  # a telephone number
        r"\([0-9]{2,4}\)[0-9]{2,4}-[0-9]{4}",
        r"[0-9]{3}-[0-9]{4}(?![0-9])",  # a postcode
        r"(?:19|20)[0-9]{2}[/.\-][0-9]{1,2}(?:[/.\-][0-9]{1,2})?(?![0-9])",  # a date
        r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}",
        r"[0-9]{1,2}:[0-9]{2}",  # a time
        r"[0-9]{1,2}時(?:[0-9]{1,2}分|半)?(?!間)",
        r"[0-9]+人に[0-9一二三]人",  # of people in general
        r"1人1台",
        r"24時間(?!以内)|365日",
        r"(?:[0-9]{1,2}[・-]){2,}[0-9]{1,2}",  # 10・20・30
        r"8020|9\.11|3\.11",
    )
)

# In a bracket: the level that a target starts from.
LEVEL_BEFORE = "現状|現況|基準|期首|年度当初|前年度|昨年度|実績|現在"
# In a bracket: its figures are what the total is made of.
BREAKDOWN_SAID = "各|うち|内訳|ずつ|×|定員|月[0-9]|週[0-9]|年[0-9]|[0-9]月|毎"

PERIOD_MONTHS = {
    "H1": (4, 9),
    "H2": (10, 3),
    "Q1": (4, 6),
    "Q2": (7, 9),
    "Q3": (10, 12),
    "Q4": (1, 3),
}
