"""From dataclasses to what JSON can hold, and back to the very same values. Pure.

A frozen copy keeps what the maths read and what it gave, exactly: decimals and fractions as text
("4.5", "1/3"), days as ISO 8601, named tuples and dataclasses as objects in which defaults are
left out. What comes back is equal to what went in; a field that a later release added has its
default, and one that it no longer knows is passed over.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


def pack(value: Any) -> Any:
    """A value as JSON can hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: pack(held)
            for each in fields(value)
            if (held := getattr(value, each.name)) != _default(each)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (Decimal, Fraction)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): pack(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [pack(held) for held in value]
    return value


def unpack(kind: Any, value: Any) -> Any:
    """The value of that type which `pack` turned into this."""
    return _reader(kind)(value)


def _default(field: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How a value of the type is read; worked out once for each type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional([each for each in inner if each is not type(None)])
    if origin is tuple:
        each = _reader(inner[0])
        return lambda value: tuple(each(held) for held in value)
    if origin is not None and issubclass(origin, Mapping):
        held_in = _reader(inner[1])
        return lambda value: {key: held_in(held) for key, held in value.items()}
    if origin is not None and issubclass(origin, Sequence):
        each = _reader(inner[0])
        # What stands in a dataclass is compared by value: a sequence there is a tuple or a list.
        return lambda value: [each(held) for held in value]
    if is_dataclass(kind):
        return _dataclass(kind)
    if kind is date:
        return date.fromisoformat
    if isinstance(kind, type) and issubclass(kind, (Decimal, Fraction, Enum)):
        return kind
    return lambda value: value


def _optional(kinds: list[Any]) -> Callable[[Any], Any]:
    read = _reader(kinds[0])
    return lambda value: None if value is None else read(value)


def _dataclass(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {each.name: _reader(hints[each.name]) for each in fields(kind)}
    tuples = {each.name for each in fields(kind) if isinstance(_default(each), tuple)}

    def read(value: Mapping[str, Any]) -> Any:
        held = {name: readers[name](part) for name, part in value.items() if name in readers}
        for name in tuples & held.keys():
            held[name] = tuple(held[name])
        return kind(**held)

    return read
