"""What a printed text is cut into, and the folding that comes first.

Nothing that a figure could hang on is changed. Only full-width letters and half-width kana are
folded: ① stays a mark, ㎡ a unit, and 〇 (zero) and ○ (a mark) stay two things.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from kpis.units import fold


@dataclass(frozen=True, slots=True)
class Piece:
    """A token: what it is, and where it stands in the folded text."""

    kind: str
    text: str
    start: int
    end: int
    number: Decimal | None = None
    word: str = ""  # the counter, the frequency, the sort of prefix, what is compared with
    fiscal: bool = False  # of a year: 年度
    odd: str = ""  # a sentence: why it is not read, or what a person must check


# Folding ----------------------------------------------------------------------------------------

_HALF_KANA = re.compile(r"[\uff66-\uff9f]+")
_SAME_SIGN = str.maketrans(
    {"～": "〜", "~": "〜", "∼": "〜", "➡": "→", "⇨": "→", "✕": "×", "✖": "×"}
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is read, and for each of its characters where it stands in the printed one."""

    printed: str
    text: str
    at: list[int]

    def slice(self, start: int, end: int) -> str:
        """What is printed between two places of the folded text, without outer spaces."""
        stop = self.at[end] if end < len(self.at) else len(self.printed)
        return self.printed[self.at[start] : stop].strip() if start < end else ""


def fold_text(printed: str) -> Folded:
    """Fold full-width letters, half-width kana and ㋿, keeping where each character came from."""
    once = fold(printed).translate(_SAME_SIGN)
    text: list[str] = []
    at: list[int] = []
    done = 0
    for match in re.finditer(rf"{_HALF_KANA.pattern}|㋿", once):
        text += once[done : match.start()]
        at += range(done, match.start())
        wide = unicodedata.normalize("NFKC", match[0])
        text += wide
        # ﾊﾟ is two characters and becomes one: the last ones share a place, never beyond the run
        at += (min(match.start() + n, match.end() - 1) for n in range(len(wide)))
        done = match.end()
    text += once[done:]
    at += range(done, len(once))
    return Folded(printed, "".join(text), at)
