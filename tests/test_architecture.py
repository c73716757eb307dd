"""The house keeps to its plan: imports run one way, and the pure modules know no Django."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("wards", "kpis", "reviews")
#: What may be read, tested and trusted by itself (docs/architecture.md).
PURE = (
    "wards/calendar.py",
    "kpis/achievement.py",
    "kpis/figures.py",
    "kpis/standing.py",
    "kpis/rates.py",
    "kpis/rollup.py",
    "kpis/wording.py",
    "kpis/results.py",
    "kpis/numbers.py",
    "kpis/units.py",
    "kpis/notation",
    "kpis/charts.py",
    "kpis/spreadsheets.py",
    "kpis/cells.py",
    "kpis/entry_rules.py",
    "kpis/proposal_rules.py",
    "kpis/chain.py",
    "kpis/file_kinds.py",
    "kpis/reminder_texts.py",
    "reviews/packing.py",
    "reviews/joining.py",
    "reviews/notice_texts.py",
)


def files(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Full names of the modules that a file imports, its own package's relative ones included."""
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, node.module] if node.module else above)
            found |= {base} | {f"{base}.{each.name}" for each in node.names}
    return found


@pytest.mark.parametrize("app", ORDER)
def test_imports_run_one_way(app):
    above = ORDER[ORDER.index(app) + 1 :]
    wrong = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files(app)
        for name in imported(file)
        if name.partition(".")[0] in above
    }
    assert not wrong


@pytest.mark.parametrize("place", PURE)
def test_pure_modules_know_no_django_and_only_each_other(place):
    pure = {str(Path(p).with_suffix("")).replace("/", ".") for p in PURE}
    for file in files(place):
        for name in imported(file):
            first = name.partition(".")[0]
            assert first not in {"django", "config", "reviews"}, f"{file.name} imports {name}"
            if first in ORDER and "." in name:
                inside = any(name == each or name.startswith(f"{each}.") for each in pure)
                assert inside, f"{file.name} imports {name}"


def test_the_page_about_the_house_names_the_pure_modules():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for place in ("wards/calendar.py", "kpis/achievement.py", "kpis/notation", "kpis/numbers.py"):
        assert place in page
