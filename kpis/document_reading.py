"""Reading a policy document: from bytes that anybody may have sent to a checked document.

Nothing here trusts the file. Every problem is found and named with its place before anything
is written, up to MOST_PROBLEMS of them; past that a list helps nobody.
"""

import copy
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema.exceptions import ValidationError

from .document_checks import cross_check
from .documents import Document, Problem, at, schema, shown

LARGEST = 5 * 1024 * 1024
DEEPEST = 24
MOST_PROBLEMS = 50


class _Odd:
    """A number that the format never uses (fractions, exponents, NaN, huge ones): of no type."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return shown(self.text, 20)


class _Doubled(dict):
    """An object in which a key stands twice, so that one of the two would be lost."""

    keys_twice: list[str]


def read_document(data: bytes) -> tuple[Document | None, list[Problem]]:
    """The document in a file's bytes, or the problems that keep it from being one.

    With problems there is no document: a file is taken whole or not at all.
    """
    document, problems = _parse(data)
    if document is None:
        return None, problems
    if _is_deeper(document, DEEPEST):
        return None, [Problem("", _too_deep())]
    problems += islice(_unsafe(document, ""), MOST_PROBLEMS)
    bad: list[tuple[str | int, ...]] = []
    for error in islice(_validator().iter_errors(document), MOST_PROBLEMS):
        bad.append(tuple(error.absolute_path))
        problems.append(Problem(at("", *error.absolute_path), error.message))
    if isinstance(document, dict) and len(problems) < MOST_PROBLEMS:
        problems += cross_check(_without(document, bad) if bad else document)
    seen: dict[Problem, None] = dict.fromkeys(problems)
    return (None if seen else document), list(seen)[:MOST_PROBLEMS]


# From bytes to JSON -------------------------------------------------------------------------------


def _parse(data: bytes) -> tuple[Any, list[Problem]]:
    if len(data) > LARGEST:
        return None, [Problem("", _("ファイルが大きすぎます。5MB以下の文書を指定してください。"))]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _(
            "{place}バイト目が UTF-8 の文字として読めません。UTF-8 の JSON で保存し直してください。"
        )
        return None, [Problem("", message.format(place=error.start + 1))]
    if not text.strip():
        return None, [Problem("", _("ファイルが空です。文書を書き出し直してください。"))]
    try:
        value = json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_int=lambda digits: int(digits) if len(digits) < 16 else _Odd(digits),
            parse_float=_Odd,
            parse_constant=_Odd,
        )
    except json.JSONDecodeError as error:
        message = _(
            "{line}行{column}文字目から先が JSON として読めません。"
            "書式（引用符、コンマ、括弧）を直してください。"
        )
        return None, [Problem("", message.format(line=error.lineno, column=error.colno))]
    except RecursionError:
        return None, [Problem("", _too_deep())]
    if not isinstance(value, dict):
        message = _("文書は 1 つのオブジェクト（{{ … }}）です。書き出した文書を指定してください。")
        return None, [Problem("", message.format())]
    return value, []


def _too_deep() -> str:
    return _("入れ子が深すぎます。書式に合わせて書き直してください。")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    doubled = _Doubled(plain)
    seen: set[str] = set()
    doubled.keys_twice = [key for key, _value in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
    return doubled


def _is_deeper(value: Any, most: int) -> bool:
    level = [value]
    for _depth in range(most):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _unsafe(value: Any, place: str) -> Iterator[Problem]:
    """Keys that stand twice, and text that no database keeps."""
    if isinstance(value, str):
        if "\0" in value:
            yield Problem(place, _("使えない文字（NUL）が入っています。取り除いてください。"))
        if _SURROGATE.search(value):
            message = _(
                "文字になっていない符号（\\ud800 など）が入っています。取り除いてください。"
            )
            yield Problem(place, message)
        return
    if not isinstance(value, (dict, list)):
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unsafe(item, at(place, index))
        return
    if isinstance(value, _Doubled):
        for key in dict.fromkeys(value.keys_twice):
            message = _("同じ項目が2回書かれています。1つにしてください。")
            yield Problem(at(place, key), message)
    for key, item in value.items():
        yield from _unsafe(key, at(place, key))
        yield from _unsafe(item, at(place, key))


_SURROGATE = re.compile("[\ud800-\udfff]")


# The schema, with its answers in sentences --------------------------------------------------------


@cache
def _validator() -> Draft202012Validator:
    says = {
        "type": _type,
        "const": _const,
        "enum": _enum,
        "required": _required,
        "additionalProperties": _additional,
        "pattern": _pattern,
        "format": _format,
        "uniqueItems": _unique,
        "if": _if,
        "minLength": _empty,
        "minItems": _empty,
        "minProperties": _empty,
        "maxLength": _long,
        "maxItems": _many,
        "maxProperties": _many,
        "minimum": _range,
        "maximum": _range,
    }
    return validators.extend(Draft202012Validator, says)(schema(), format_checker=FormatChecker())


def _found(value: Any) -> str:
    """「値」 as it stands in the file; a group or a list is not printed out."""
    if isinstance(value, dict):
        return _("{ … }")
    if isinstance(value, list):
        return _("[ … ]")
    if isinstance(value, str):
        return _("「{text}」").format(text=shown(value))
    return str(value) if isinstance(value, _Odd) else shown(value)


def _expected_type(name: str) -> str:
    return {
        "object": _("項目の組（{ … }）"),
        "array": _("一覧（[ … ]）"),
        "string": _('文字列（" " で囲んだもの）'),
        "integer": _("整数（引用符なし）"),
        "boolean": _("true または false"),
    }[name]


def _is(value: Any, name: str) -> bool:
    kinds: dict[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool}
    if name == "integer":
        return type(value) is int
    return isinstance(value, kinds[name])


def _type(validator, types, value, rule):
    names = [types] if isinstance(types, str) else types
    if any(_is(value, name) for name in names):
        return
    if rule is schema()["$defs"]["figure"] and isinstance(value, (int, _Odd)):
        message = _(
            '数は "550" のように引用符で囲んだ文字列で書いてください（{found} とあります）。'
        )
        yield ValidationError(message.format(found=_found(value)))
        return
    expected = _("または").join(_expected_type(name) for name in names)
    message = _("{expected}を書いてください（{found} とあります）。")
    yield ValidationError(message.format(expected=expected, found=_found(value)))


def _const(_validator, expected, value, _rule):
    if value == expected and type(value) is type(expected):
        return
    if expected in ("", False):
        message = _("この種類の目標には書けません。この項目を消してください。")
        yield ValidationError(message)
        return
    message = _("「{expected}」と書いてください（{found} とあります）。")
    yield ValidationError(message.format(expected=expected, found=_found(value)))


def _enum(_validator, choices, value, _rule):
    if isinstance(value, str) and value in choices:
        return
    message = _("{choices} のどれかを書いてください（{found} とあります）。")
    yield ValidationError(message.format(choices=_("、").join(choices), found=_found(value)))


def _required(_validator, names, value, _rule):
    if not isinstance(value, dict):
        return
    for name in names:
        if name not in value:
            message = _("必要な項目がありません。書き足してください。")
            yield ValidationError(message, path=[name])


def _additional(validator, allowed, value, rule):
    if not isinstance(value, dict):
        return
    known = rule.get("properties", {})
    for key in value:
        if key in known:
            continue
        if allowed is False:
            message = _(
                "知らない項目です。消すか、名前を直してください（ここで使えるのは {keys}）。"
            )
            yield ValidationError(message.format(keys=_("、").join(known)), path=[key])
        else:
            yield from validator.descend(value[key], allowed, path=key)


def _pattern(_validator, pattern, value, rule):
    # Longer text is refused for its length, and is not searched: a search can be made slow.
    if not isinstance(value, str) or len(value) > rule["maxLength"]:
        return
    # ECMAScript's $ is the very end; Python's would let a line end through.
    if re.search(pattern, value) and not (pattern.endswith("$") and value.endswith("\n")):
        return
    yield ValidationError(
        _("{expected}（{found} とあります）。").format(
            expected=_expected_pattern(pattern), found=_found(value)
        )
    )


def _expected_pattern(pattern: str) -> str:
    named = {rule["pattern"]: name for name, rule in schema()["$defs"].items() if "pattern" in rule}
    return {
        "figure": _(
            '数は整数部11桁、小数部4桁までで、"550" や "12.5" のように半角数字だけで書いてください'
        ),
        "date": _('日付は "2020-09-30" のように書いてください'),
        "wardCode": _("区は 5 桁の団体コードで書いてください"),
        "id": _(
            "id は空白と「/」「\\」「?」「#」「%」を含まない文字で、"
            "「.」以外から始めて書いてください"
        ),
        "periodKey": _("期の記号は H1、Q2、M04 のような半角英数字で書いてください"),
        "sectionName": _("空でない 1 行の文字で書いてください"),
        "line": _("空でない 1 行の文字で書いてください"),
        "name": _("空でない 1 行の文字で書いてください"),
        "url": _("リンクは http:// か https:// で始めて書いてください"),
        "words": _("空でない文字を書いてください"),
    }[named.get(pattern, "url" if "://" in pattern else "words")]


def _format(_validator, name, value, _rule):
    if name != "date" or not isinstance(value, str) or not _DATE.fullmatch(value):
        return
    try:
        date.fromisoformat(value)
    except ValueError:
        message = _("暦にない日付です（{found} とあります）。日付を直してください。")
        yield ValidationError(message.format(found=_found(value)))


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _unique(_validator, _wanted, value, _rule):
    if not isinstance(value, list):
        return
    seen = set()
    for index, item in enumerate(value):
        if isinstance(item, str) and item in seen:
            message = _("{found} が2回書かれています。1つにしてください。")
            yield ValidationError(message.format(found=_found(item)), path=[index])
        elif isinstance(item, str):
            seen.add(item)


def _if(validator, condition, value, rule):
    """The two kinds of target; nothing is said of one whose measure is not known."""
    if not isinstance(value, dict) or value.get("measure") not in (
        "number",
        "ratio",
        "percentage",
        "milestone",
    ):
        return
    branch = "then" if validator.evolve(schema=condition).is_valid(value) else "else"
    for key, inner in rule[branch].get("properties", {}).items():
        if key in value and inner is False:
            message = _("この種類の目標には書けません。この項目を消してください。")
            yield ValidationError(message, path=[key])
        elif key in value:
            yield from validator.descend(value[key], inner, path=key)
    yield from _required(validator, rule[branch].get("required", []), value, rule)


def _empty(_validator, least, value, _rule):
    if isinstance(value, (str, list, dict)) and len(value) < least:
        yield ValidationError(_("中身がありません。書くか、この項目を消してください。"))


def _long(_validator, most, value, _rule):
    if isinstance(value, str) and len(value) > most:
        message = _("{length}文字あります。{most}文字までにしてください。")
        yield ValidationError(message.format(length=len(value), most=most))


def _many(_validator, most, value, _rule):
    if not isinstance(value, (list, dict)) or len(value) <= most:
        return
    if most == 0:
        message = _("この種類の目標には書けません。この項目を消してください。")
        yield ValidationError(message)
        return
    message = _("{length}件あります。{most}件までにしてください。")
    yield ValidationError(message.format(length=len(value), most=most))


def _range(_validator, _bound, value, rule):
    if type(value) is not int or rule["minimum"] <= value <= rule["maximum"]:
        return
    message = _("{low} から {high} までの整数を書いてください（{found} とあります）。")
    yield ValidationError(
        message.format(low=rule["minimum"], high=rule["maximum"], found=_found(value))
    )


# What is left to cross-check ----------------------------------------------------------------------


def _without(document: Document, bad: list[tuple[str | int, ...]]) -> Document:
    """A copy without what the schema refused, so that the rest can still be checked.

    An item of a list becomes None and keeps its number: places must stay true.
    """
    rest = copy.deepcopy(document)
    for path in bad:
        holder: Any = rest
        for step in path[:-1]:
            try:
                holder = holder[step]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if not path:
                continue
            if isinstance(holder, list) and isinstance(path[-1], int):
                holder[path[-1]] = None
            elif isinstance(holder, dict):
                holder.pop(path[-1], None)
    return rest
