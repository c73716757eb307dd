"""What every policy document in ``fixtures/policies`` has to keep to, whichever ward it is.

Plain JSON reading: these checks know the format (key order, defaults left out, decimal strings)
and nothing of the models, so that they fail when the file is wrong and not when the importer is.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

POLICIES = Path(__file__).resolve().parents[2] / "fixtures" / "policies"

POLICY_KEYS = [
    "format",
    "ward",
    "fiscal_year",
    "title",
    "basic_goal",
    "preamble",
    "contact",
    "grades",
    "periods",
    "sections",
    "pillars",
    "organisation",
    "committee_opinions",
    "notes",
]
PERIOD_KEYS = ["key", "starts", "ends", "due", "state"]
PILLAR_KEYS = ["id", "group", "name", "statement", "projects"]
PROJECT_KEYS = [
    "id",
    "number",
    "name",
    "tags",
    "funding",
    "sections",
    "status",
    "status_on",
    "status_reason",
    "status_decided_by",
    "status_document_number",
    "narratives",
    "initiatives",
]
INITIATIVE_KEYS = ["id", "text", "targets"]
TARGET_KEYS = [
    "id",
    "label",
    "printed",
    "section",
    "measure",
    "ongoing",
    "accumulation",
    "direction",
    "value",
    "of",
    "unit",
    "cumulative",
    "baseline",
    "linked_to",
    "condition",
    "breakdown",
    "starts_month",
    "ends_month",
    "nature",
    "no_number_because",
    "done_when",
    "steps",
    "plan",
    "status",
    "status_on",
    "status_reason",
    "status_decided_by",
    "status_document_number",
    "revisions",
    "actuals",
    "check",
]
ORGANISATION_KEYS = ["heading", "text", "items", "parts"]

DEFAULTS = {
    "direction": "at_least",
    "cumulative": False,
    "ongoing": False,
    "status": "active",
    "state": "open",
}
DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")


def raw(name: str) -> bytes:
    return (POLICIES / f"{name}.json").read_bytes()


def read(name: str) -> dict:
    return json.loads(raw(name))


def projects(policy: dict) -> list[dict]:
    return [project for pillar in policy["pillars"] for project in pillar["projects"]]


def initiatives(policy: dict) -> list[dict]:
    return [item for project in projects(policy) for item in project["initiatives"]]


def targets(policy: dict) -> list[dict]:
    return [target for item in initiatives(policy) for target in item.get("targets", [])]


def by_id(things: list[dict]) -> dict[str, dict]:
    return {thing["id"]: thing for thing in things}


def counts(policy: dict) -> tuple[int, int, int, int]:
    """Pillars, projects, initiatives, targets."""
    return (
        len(policy["pillars"]),
        len(projects(policy)),
        len(initiatives(policy)),
        len(targets(policy)),
    )


def assert_canonical(name: str) -> None:
    """The bytes are those an export gives, so that a diff shows changes and nothing else."""
    text = json.dumps(read(name), ensure_ascii=False, indent=2) + "\n"
    assert raw(name) == text.encode("utf-8")


def assert_keys_in_order(policy: dict) -> None:
    for thing, allowed in _things(policy):
        keys = list(thing)
        assert keys == [key for key in allowed if key in thing], f"{keys} of {thing}"


def assert_nothing_empty_or_default(policy: dict) -> None:
    for thing, _ in _things(policy):
        for key, value in thing.items():
            assert value not in ("", [], {}, None), f"{key} of {thing}"
            assert key not in DEFAULTS or value != DEFAULTS[key], f"{key} of {thing}"


def assert_ids_follow_the_printed_order(policy: dict) -> None:
    """Pillars a, b, c; projects p01, p02 through the whole policy; the rest within its project."""
    assert [pillar["id"] for pillar in policy["pillars"]] == list("abcdefgh")[
        : len(policy["pillars"])
    ]
    for n, project in enumerate(projects(policy), 1):
        assert project["id"] == f"p{n:02d}"
        items = project["initiatives"]
        assert [item["id"] for item in items] == [
            f"{project['id']}-i{i}" for i in range(1, len(items) + 1)
        ]
        inside = [target["id"] for item in items for target in item["targets"]]
        assert inside == [f"{project['id']}-t{t}" for t in range(1, len(inside) + 1)]


def assert_targets_make_sense(policy: dict) -> None:
    known = by_id(targets(policy))
    assert len(known) == len(targets(policy)), "two targets share an id"
    for target in known.values():
        place = target["id"]
        for key in ("value", "of", "baseline"):
            assert key not in target or DECIMAL.fullmatch(target[key]), f"{key} of {place}"
        assert target["label"] and target["printed"], place
        assert "check" not in target, f"{place} is still a draft"
        assert "actuals" not in target, f"{place}: actuals belong to the demo year"
        if target["measure"] == "milestone":
            assert not {"value", "of", "unit", "accumulation"} & set(target), place
            assert ("done_when" in target) != target.get("ongoing", False), place
        else:
            assert {"value", "unit", "accumulation"} <= set(target), place
        assert ("of" in target) == (target["measure"] == "ratio"), place
        if "cumulative" in target:
            assert target["accumulation"] == "latest", place
        if "linked_to" in target:
            partner = known[target["linked_to"]]
            assert target["cumulative"] is True, place
            assert (partner["measure"], partner["accumulation"]) == ("number", "sum"), place
            assert partner["unit"] == target["unit"], place
            assert partner["id"].split("-")[0] == place.split("-")[0], place
        for key in ("starts_month", "ends_month"):
            assert key not in target or target[key] in range(1, 13), place


def assert_halves(policy: dict, *, due: tuple[str, str]) -> None:
    """The two halves of the fiscal year, each due on a working day."""
    year = policy["fiscal_year"]
    assert policy["periods"] == [
        {"key": "H1", "starts": f"{year}-04-01", "ends": f"{year}-09-30", "due": due[0]},
        {"key": "H2", "starts": f"{year}-10-01", "ends": f"{year + 1}-03-31", "due": due[1]},
    ]
    assert all(date.fromisoformat(day).weekday() < 5 for day in due)


def _things(policy: dict) -> Iterator[tuple[dict, list[str]]]:
    yield policy, POLICY_KEYS
    yield from ((period, PERIOD_KEYS) for period in policy["periods"])
    yield from ((pillar, PILLAR_KEYS) for pillar in policy["pillars"])
    yield from ((project, PROJECT_KEYS) for project in projects(policy))
    yield from ((item, INITIATIVE_KEYS) for item in initiatives(policy))
    yield from ((target, TARGET_KEYS) for target in targets(policy))
    for group in policy.get("organisation", []):
        yield group, ORGANISATION_KEYS
        yield from ((part, ORGANISATION_KEYS) for part in group.get("parts", []))
