"""The sections every ward office of Yokohama has, by the rules on how its work is divided.

A policy may name others (the city's nursery schools, for instance); these are what a demo
needs to give everybody a desk.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Desk:
    """One section: its key in account names, its name and its department (部)."""

    key: str
    name: str
    department: str

    def named_in(self, ward: str) -> str:
        """Its name in a ward: 磯子区's public works office is the 磯子土木事務所."""
        return self.name.format(ward=ward.removesuffix("区"))


SOMU, FUKUSHI, DOBOKU = "総務部", "福祉保健センター", "土木事務所"

SECTIONS = (
    Desk("somu", "総務課", SOMU),
    Desk("kusei", "区政推進課", SOMU),
    Desk("chiiki", "地域振興課", SOMU),
    Desk("koseki", "戸籍課", SOMU),
    Desk("zeimu", "税務課", SOMU),
    Desk("kaikei", "区会計室", SOMU),
    Desk("fukushi", "福祉保健課", FUKUSHI),
    Desk("eisei", "生活衛生課", FUKUSHI),
    Desk("koreisha", "高齢・障害支援課", FUKUSHI),
    Desk("kodomo", "こども家庭支援課", FUKUSHI),
    Desk("seikatsu", "生活支援課", FUKUSHI),
    Desk("hoken", "保険年金課", FUKUSHI),
    Desk("doboku", "{ward}土木事務所", DOBOKU),
)
