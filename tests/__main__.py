"""`make test`: everything that has to hold, and one honest sum at the end.

Two steps run side by side; each one's output is printed whole when it ends. Where there is
no PostgreSQL or no Chromium the step is left out and said so; with CI=true that is a failure.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.browser import chromium
from tests.postgres import NoPostgreSQL, binaries

PYTHON = [sys.executable, "-m"]
DJANGO = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
RUNNING = os.environ.get("DATABASE_URL", "").startswith(("postgresql://", "postgres://"))
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped)")


@dataclass
class Step:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    missing: str = ""  # why it is left out
    output: str = ""
    code: int = 0
    seconds: float = 0

    @property
    def is_suite(self) -> bool:
        return "pytest" in self.command

    def run(self) -> "Step":
        started = time.monotonic()
        done = subprocess.run(
            [*PYTHON, *self.command],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output, self.code = done.stdout.rstrip(), done.returncode
        self.seconds = time.monotonic() - started
        return self

    def counts(self) -> dict[str, int]:
        """What pytest's closing line says: {"passed": 12, "skipped": 1}."""
        closing = self.output.rpartition("\n")[2]
        return {word.rstrip("s"): int(number) for number, word in COUNTED.findall(closing)}


def no_postgres() -> str:
    if RUNNING:
        return ""
    try:
        binaries()
    except NoPostgreSQL as error:
        return str(error)
    return ""


def steps() -> list[Step]:
    no_browser = "no Chromium was found (CHROMIUM=... names one)" if not chromium.find() else ""
    suite = ["pytest", "-m", "not browser"]
    return [
        Step("ruff", ["ruff", "check", "--quiet", "."]),
        Step("format", ["ruff", "format", "--quiet", "--diff", "."]),
        Step("SQLite", suite, {"TEST_DATABASE": "sqlite"}),
        Step("mypy", ["mypy", "."]),
        Step("migrations", ["django", "makemigrations", "--check", "--dry-run"], DJANGO),
        Step("PostgreSQL", suite, {"TEST_DATABASE": "postgresql"}, no_postgres()),
        Step("browser", ["pytest", "-m", "browser"], {"TEST_DATABASE": "sqlite"}, no_browser),
    ]


def main() -> int:
    in_ci = os.environ.get("CI", "").lower() == "true"
    total = {"passed": 0, "failed": 0, "skipped": 0}
    failures, left_out = [], []
    chosen = steps()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for step in pool.map(lambda step: step if step.missing else step.run(), chosen):
            if step.missing:
                left_out.append(step)
                print(f"-- {step.name}: LEFT OUT, {step.missing}", flush=True)
                continue
            counts = step.counts() if step.is_suite else {}
            if step.code or (step.is_suite and not counts.get("passed")):
                failures.append(step.name)
                print(step.output)
                print(f"-- {step.name}: FAILED ({step.seconds:.0f} s)", flush=True)
            else:
                said = f", {step.output.rpartition(chr(10))[2]}" if counts else ""
                print(f"-- {step.name}: ok ({step.seconds:.0f} s){said}", flush=True)
            counted = counts.get("failed", 0) + counts.get("error", 0)
            total["passed"] += counts.get("passed", 0)
            total["skipped"] += counts.get("skipped", 0)
            # mypy is no test, and a suite can break without a test: each counts as one failure.
            total["failed"] += counted or (1 if failures[-1:] == [step.name] else 0)
    if in_ci:
        failures += [f"{step.name} is missing" for step in left_out]
        total["failed"] += len(left_out)
    elif left_out:
        print(f"Left out on this machine: {', '.join(step.name for step in left_out)}.")
    if failures:
        print(f"FAILED: {', '.join(failures)}.")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
