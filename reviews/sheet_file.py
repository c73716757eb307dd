"""The opinion sheet as one file that a browser opens anywhere: from a USB stick, without a network.

Style, script, charts and words are all in it, and it says itself that it may ask no host for
anything (a Content-Security-Policy of its own, by the digests of its style and script). What is
typed stays in the browser where that can keep it, and leaves as a small file (.json) that
reviews/sheet_reading.py reads back. docs/committee.md says what a member does with it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from kpis import charts
from kpis.charts import Markup
from kpis.phrases import Phrases
from kpis.rows import RowWriter

from .frozen import Copy, FrozenBoard
from .models.comments import Kind
from .opinion_sheet import FORMAT, About, Sheet


def write_file(copy: Copy, board: FrozenBoard, sheet: Sheet, stem: str) -> bytes:
    """The whole file; `stem` is the name under which the browser saves what was typed."""
    style, script = _asset("ayumi.css"), _asset("opinion-sheet.js")
    period = copy.period.key
    writer = RowWriter(board, period, Phrases(copy.policy))
    context = {
        "lang": get_language() or "ja",
        "sheet": sheet,
        "reference": str(sheet.reference),
        "style": style,
        "script": script,
        "policy": _policy(style, script),
        "pillars": _pillars(board, sheet, writer),
        "kinds": _kinds(),
        "answers": _answers(sheet),
        "words": _words(sheet, stem),
        "textsize": "l",
        "is_demo": copy.policy.is_demo,
    }
    return render_to_string("reviews/sheet_file.html", context).encode()


def _policy(style: str, script: str) -> str:
    """What the file may load: nothing but the style and the script that are in it."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    hashed = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(hashed).decode()}'"


@lru_cache(maxsize=2)
def _read(path: str, _changed: float) -> str:
    return Path(path).read_text(encoding="utf-8")


def _asset(name: str) -> str:
    """A file of static/, as it stands in the page: one that could end its own element is none."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    text = _read(found, Path(found).stat().st_mtime)
    if "</" in text:
        raise ValueError(f"{name} holds an end tag")
    return text


# What there is to read ---------------------------------------------------------------------------


def _pillars(board: FrozenBoard, sheet: Sheet, writer: RowWriter) -> list[dict[str, Any]]:
    """The pillars with their projects, and after each what can be said of the pillar itself."""
    fields = {(each.subject, each.key): each for each in sheet.subjects}
    return [
        {
            "name": pillar.name,
            "key": pillar.key,
            "about": fields["pillar", pillar.key],
            "projects": [
                _project(board, project, fields["project", project.key], writer)
                for project in pillar.projects
            ],
        }
        for pillar in board.pillars
    ]


def _project(board: FrozenBoard, project: Any, about: About, writer: RowWriter) -> dict[str, Any]:
    status = board.project_statuses[project.key].get(writer.period, "")
    phrases = writer.phrases
    accounts = [each for each in board.accounts[project.key] if each.period == writer.period]
    reasons = (project.status_on, project.status_reason, project.status_decided_by)
    return {
        "about": about,
        "sections": "・".join(project.sections),
        "chip": charts.chip(status, phrases.statuses.get(status, "")) if status else Markup(""),
        "initiatives": [each["text"] for each in board.initiatives[project.key]],
        "gone": phrases.gone(project.status, *reasons),
        "rows": [
            {"row": writer.row(target), "is_milestone": target.is_milestone}
            for target in project.targets
            if not writer.results[target.key].linked
        ],
        "accounts": accounts,
    }


# What is written -------------------------------------------------------------------------------


def _kinds() -> list[tuple[str, str, str]]:
    """Value, name, and in a few words what it is for."""
    told = {
        Kind.PRAISE: gettext("よいところ"),
        Kind.CONCERN: gettext("心配なところ"),
        Kind.PROPOSAL: gettext("してほしいこと"),
        Kind.QUESTION: gettext("聞きたいこと"),
    }
    return [(kind.value, str(kind.label), told[kind]) for kind in Kind]


def _answers(sheet: Sheet) -> dict[str, Any]:
    """The file's own record, as the script reads and writes it."""
    return {
        "format": FORMAT,
        "reference": str(sheet.reference),
        "member": sheet.member,
        "saved_at": "",
        "comments": [
            {
                "slot": field.slot,
                "about": f"{about.subject} {about.key}".strip(),
                "kind": field.kind,
                "text": field.text,
            }
            for about in sheet.subjects
            for field in about.fields
            if field.text
        ],
        "grades": {about.key: about.grade for about in sheet.subjects if about.grade},
    }


def _words(sheet: Sheet, stem: str) -> dict[str, str]:
    """What the script says, in the language of the file."""
    return {
        "file": f"{stem}.json",
        "kept": gettext("この端末に自動で保存しました（{time}）。"),
        "not_kept": gettext(
            "この端末では自動で保存できません。閉じる前に、必ず「意見をファイルに保存する」を押してください。"
        ),
        "count": gettext("意見 {count}件"),
        "comment": gettext("意見{number}"),
        "no_kind": gettext("種別を選んでください。"),
        "mend": gettext(
            "種別を選んでいない意見が{count}件あります。選んでから、もう一度押してください。"
        ),
        "nothing": gettext("意見がまだ書かれていません。書いてから保存してください。"),
        "saved": gettext(
            "「{file}」を保存しました。「ダウンロード」フォルダーを見て、このファイルを事務局に送ってください。"
        ),
        "loaded": gettext("ファイルの意見を{count}件、読み込みました。"),
        "other": gettext("これは、ほかの意見票のファイルです。読み込めません。"),
        "unreadable": gettext(
            "このファイルは読めません。「意見をファイルに保存する」でできたファイルを選んでください。"
        ),
        "copied": gettext("コピーしました。電子メールの本文に貼り付けてください。"),
        "select": gettext("文字を選びました。コピーして、電子メールの本文に貼り付けてください。"),
        "whole": gettext("全体について"),
        "head": "\n".join(
            [
                sheet.title,
                *(f"{name}：{text}" for name, text in sheet.facts if text),
                gettext("整理番号 %(number)s") % {"number": sheet.reference},
            ]
        ),
        "grade": gettext("評価の段階"),
    }
