"""The policy document: the JSON form in which a ward's policy travels (ayumi-policy/1).

The published schema, kpis/policy-document.schema.json, is the one place that names the keys:
what an import refuses, the order an export prints and the defaults it leaves out all follow
from it. docs/policy-document.md explains it to people.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

FORMAT = "ayumi-policy/1"
SCHEMA_FILE = Path(__file__).with_name("policy-document.schema.json")
Document = dict[str, Any]


@cache
def schema() -> Document:
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def at(place: str, *steps: str | int) -> str:
    """A place in a document, as errors name it: ``pillars[0].projects[4].name``."""
    for step in steps:
        if isinstance(step, int):
            place += f"[{step}]"
        elif step.isidentifier():
            place += f".{step}" if place else step
        else:
            place += f'["{shown(step, 40)}"]'
    return place


def shown(value: object, length: int = 60) -> str:
    """A value as a message can print it: short, on one line, and always printable.

    A full-width space is, though Python says no.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(
        c if c.isprintable() or c == "\u3000" else ascii(c)[1:-1] for c in text[: length + 1]
    )
    return text if len(text) <= length else text[:length] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of a document, in a sentence that ends with what to do."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def number_text(number: Decimal) -> str:
    """The exact decimal, without trailing zeros, exponent or minus zero: 550, 0.25, -3."""
    return format(number.normalize() + 0, "f")


def document_text(document: Document) -> str:
    """The document as an export prints it: the same policy gives the same bytes (as UTF-8)."""
    return json.dumps(canonical(document), ensure_ascii=False, indent=2) + "\n"


def canonical(document: Document) -> Document:
    """Keys in the order of the schema; what holds nothing or its default is left out."""
    return _tidy(document, schema())


def tidy_part(name: str, value: Any) -> Any:
    """The same for a part of a document, by its name in the schema: ``actual``, ``step``…"""
    return _tidy(value, schema()["$defs"][name])


_NOTHING: tuple[Any, ...] = ("", [], {}, None)


def _tidy(value: Any, rule: Any) -> Any:
    rule = _resolved(rule)
    if isinstance(value, list):
        items = [_tidy(item, rule.get("items", {})) for item in value]
        return [item for item in items if item != {}]
    if not isinstance(value, dict):
        return (
            number_text(Decimal(value)) if value and rule is schema()["$defs"]["figure"] else value
        )
    keys = rule.get("properties", {})
    rest = rule.get("additionalProperties") or {}
    tidied = {}
    for key in [*(key for key in keys if key in value), *(key for key in value if key not in keys)]:
        inner = keys.get(key, rest)
        item = _tidy(value[key], inner)
        default = inner.get("default", _resolved(inner).get("default"))
        if item not in _NOTHING and (default is None or item != default):
            tidied[key] = item
    return tidied


def _resolved(rule: Any) -> Any:
    while "$ref" in rule:
        rule = schema()["$defs"][rule["$ref"].removeprefix("#/$defs/")]
    return rule
