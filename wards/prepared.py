"""Queries that are compiled once and asked many times, each time with other values.

Django compiles a query anew whenever it is asked. For the forty columns of a target that takes
longer than the database needs to answer, and every overview asks for them. A `Prepared` query keeps
what Django's own compiler makes of a queryset (its SQL and its converters, for each kind of
database) and only puts other values in. It is for plain rows: a `values_list` of fixed shape,
filtered by ids and keys; anything else stays a queryset.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
