"""Queries that are compiled once and asked many times, each time with other values.

Django compiles a query anew whenever it is asked. For the forty columns of a target that takes
longer than the database needs to answer, and every overview asks for them. A `Prepared` query keeps
what Django's own compiler makes of a queryset (its SQL and its converters, for each kind of
database) and only puts other values in. It is for plain rows: a `values_list` of fixed shape,
filtered by ids and keys; anything else stays a queryset.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

#: Stand for the values in the compiled query, as numbers or as text; no id or key is like them.
MARKS = (-4_000_000_001, -4_000_000_002, -4_000_000_003)


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    parameters: tuple[Any, ...]
    converters: Sequence[tuple[int, Sequence[Any], Any]]


class Prepared:
    """`rows = Prepared(lambda policy: Period.objects.filter(policy=policy).values_list("key"))`.

    `rows(3)` are the rows of policy 3, as the queryset would give them.
    """

    def __init__(self, queryset_of: Callable[..., Any]) -> None:
        self.queryset_of = queryset_of
        self.marks = MARKS[: len(inspect.signature(queryset_of).parameters)]
        self._compiled: dict[str, _Compiled] = {}

    def __call__(self, *values: int | str) -> list[tuple[Any, ...]]:
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            compiled = self._compiled[connection.vendor] = self._compile(connection)
        asked: dict[Any, Any] = dict(zip(self.marks, values, strict=True))
        asked |= {str(mark): str(value) for mark, value in asked.items()}
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, [asked.get(each, each) for each in compiled.parameters])
            rows = cursor.fetchall()
        if not compiled.converters:
            return rows
        return [_converted(row, compiled.converters, connection) for row in rows]

    def _compile(self, connection: Any) -> _Compiled:
        query = self.queryset_of(*self.marks).query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if missing := {str(mark) for mark in self.marks} - {str(each) for each in parameters}:
            # A value that is worked into something else would be that something for ever.
            raise TypeError(f"A value of a prepared query does not reach its SQL: {missing}.")
        columns = [column for column, *_ in compiler.select]
        converters = compiler.get_converters(columns)
        return _Compiled(
            sql=sql,
            parameters=tuple(parameters),
            converters=[(place, *converters[place]) for place in converters],
        )


def _converted(row: Any, converters: Any, connection: Any) -> tuple[Any, ...]:
    values = list(row)
    for place, functions, column in converters:
        value = values[place]
        for function in functions:
            value = function(value, column, connection)
        values[place] = value
    return tuple(values)


class PreparedObjects:
    """`found = PreparedObjects(Period.objects, lambda rows, policy: rows.filter(policy=policy))`.

    `found(3)` are whole objects, as the queryset would give them; what is saved is the compiling,
    which of a small query on a table of many columns is the most. With `only`, a name or a path
    ("policy__ward__code") each, they have no more than that, and what is on the path with them.
    `annotated` names what the queryset works out beside the columns.
    """

    def __init__(
        self,
        objects: Any,
        queryset_of: Callable[..., Any],
        *,
        only: Sequence[str] = (),
        annotated: Sequence[str] = (),
    ) -> None:
        self._part = _part_of(objects.model, only)
        self._annotated = annotated
        names = [f"{way}{name}" for way, name in self._part.columns()]
        rows = objects.order_by().values_list(*names, *annotated)
        self._rows = Prepared(partial(queryset_of, rows))

    def __call__(self, *values: int | str) -> list[Any]:
        return [self._made(iter(row)) for row in self._rows(*values)]

    def _made(self, values: Iterator[Any]) -> Any:
        found = self._part.made(values)
        for name, value in zip(self._annotated, values, strict=True):
            setattr(found, name, value)
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of one model that are asked for, in its order, and the models behind them."""

    model: Any
    names: list[str]
    behind: dict[str, _Part]

    def columns(self, way: str = "") -> Iterator[tuple[str, str]]:
        yield from ((way, name) for name in self.names)
        for name, part in self.behind.items():
            yield from part.columns(f"{way}{name}__")

    def made(self, values: Iterator[Any]) -> Any:
        mine = [next(values) for _name in self.names]
        found = self.model.from_db(DEFAULT_DB_ALIAS, self.names, mine)
        for name, part in self.behind.items():
            setattr(found, name, part.made(values))
        return found


def _part_of(model: Any, only: Sequence[str]) -> _Part:
    fields = model._meta.concrete_fields
    paths = [path.partition("__") for path in only]
    behind: dict[str, list[str]] = {}
    for name, _between, rest in paths:
        if rest:
            behind.setdefault(name, []).append(rest)
    wanted = {name for name, _between, _rest in paths}
    return _Part(
        model,
        [
            field.attname
            for field in fields
            if not only or field.primary_key or {field.name, field.attname} & wanted
        ],
        {
            name: _part_of(model._meta.get_field(name).related_model, rest)
            for name, rest in behind.items()
        },
    )
