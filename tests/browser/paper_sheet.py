"""A sheet of paper: the sheet's page without the product behind it.

It answers the scripts as the product does (see docs/entering.md), and can be told to be away, to
ask, to refuse: what a real server does only once in a while. `test_sheet.py` tries the same
scripts on the real one.
"""

import json
import re
from urllib.parse import parse_qs

from django.conf import settings
from django.template.loader import render_to_string

ADDRESS = "http://ayumi.test/sheet/"
STAGES = ["", "未着手", "準備中", "実施中", "完了"]

#: key, attributes of the row, figure, total (None: no such cell), note
ROWS = [
    ("p1-t1", "", "9", "9", ""),
    ("p1-t2", "data-fixed", "7", None, ""),
    ("p1-t3", "", "", "15", ""),
    ("p2-t1", "stage", "", None, "資料を印刷"),
    ("p2-t2", "", "88.4", None, ""),
]


class PaperSheet:
    """What the server keeps, by row and field, and what it was asked, in order."""

    def __init__(self, page, user="doboku-staff"):
        self.page, self.user = page, user
        self.kept = {
            key: {"figure": figure, "total": total or "", "kind": "final", "note": note}
            for key, _attributes, figure, total, note in ROWS
        }
        self.versions = dict.fromkeys(self.kept, 1)
        self.asked, self.seen, self.submitted = [], [], []
        self.answers = []  # the next answers, in place of saving: (status, body) or None (away)
        page.route("http://ayumi.test/**", self.answer)

    def open(self):
        self.page.goto(ADDRESS)

    def cell(self, name):
        return self.page.locator(f'[name="{name}"]')

    def answer(self, route):
        request = route.request
        path = request.url.removeprefix("http://ayumi.test/")
        if path.endswith(".js"):
            route.fulfill(
                body=(settings.BASE_DIR / "static" / path.split("/")[-1]).read_bytes(),
                content_type="text/javascript",
            )
        elif path.startswith("cell/"):
            self.save(route, path.split("/")[1], request.post_data)
        elif request.method == "POST":
            self.submitted.append(parse_qs(request.post_data, keep_blank_values=True))
            route.fulfill(body="<title>submitted</title>", content_type="text/html")
        else:
            route.fulfill(body=self.html(), content_type="text/html; charset=utf-8")

    def save(self, route, key, body):
        asked = {name: value[0] for name, value in parse_qs(body, keep_blank_values=True).items()}
        self.asked.append((f"{key}.{asked['field']}", asked["text"]))
        self.seen.append((asked["was"], asked["version"]))
        answer = self.answers.pop(0) if self.answers else "saves"
        if answer is None:
            route.abort()
            return
        if answer == "saves":
            self.kept[key][asked["field"]] = asked["text"]
            if asked["field"] == "total":  # five in the period before
                self.kept[key]["figure"] = str(int(asked["text"]) - 5)
            self.versions[key] += 1
            answer = (200, {"ok": True, "row": self.row(key), "others": [], "said": "保存しました"})
        status, said = answer
        route.fulfill(status=status, body=json.dumps(said), content_type="application/json")

    def row(self, key):
        return {
            **self.kept[key],
            "key": key,
            "version": self.versions[key],
            "rate": "50.0%",
            "status": {"key": "on_track", "name": "順調"},
            "state": {"key": "draft", "name": "下書き"},
            "bar": "<svg></svg>",
            "owed": False,
            "lacking": [],
            "message": "",
            "difference": "",
        }

    def html(self):
        rows = "".join(self.row_html(*row) for row in ROWS)
        words = re.sub(
            r'src="[^"]*/', 'src="', render_to_string("kpis/sheet_words.html", {"can_type": True})
        )
        return f"""<!DOCTYPE html><html lang="ja"><title>表</title>
            <form id="sheet" method="post" data-user="{self.user}">
            <input type="hidden" name="csrfmiddlewaretoken" value="t">
            {render_to_string("kpis/sheet_keys.html")}
            <p role="status" data-out="saved"></p>
            <div id="unready" hidden><b data-unready></b><ul></ul></div>
            <table class="sheet">{rows}</table><p data-to-check></p>
            <button name="action" value="submit">提出する</button></form>{words}"""

    def row_html(self, key, attributes, _figure, total, _note):
        kept = self.kept[key]
        if attributes == "data-fixed":
            cells = f"<td>{kept['figure']}</td><td></td><td></td>"
        else:
            figure = self.input(key, "figure")
            if attributes == "stage":
                figure = f"<select {self.named(key, 'figure')}>" + "".join(
                    f"<option{' selected' * (s == kept['figure'])}>{s}</option>" for s in STAGES
                )
            cells = f"<td>{figure}</td>"
            cells += f"<td>{self.input(key, 'total') if total is not None else ''}</td>"
            cells += f"<td><textarea {self.named(key, 'note')}>{kept['note']}</textarea></td>"
        return f"""<tr class="line" data-key="{key}" data-cell="/cell/{key}/" {attributes}
            data-version="{self.versions[key]}" data-before-note="前の備考">
            <th><a id="l-{key}" href="/target/{key}/">{key}</a></th>
            <td data-before="12">12</td><td data-last-year="10">10</td>{cells}
            <td data-out="rate"></td></tr>
            <tr class="msg" hidden><td colspan="6">
            <div class="msgbox" id="m-{key}" data-out="message"></div></td></tr>"""

    def input(self, key, field):
        return f'<input {self.named(key, field)} value="{self.kept[key][field]}">'

    def named(self, key, field):
        return (
            f'name="{key}.{field}" aria-label="{key} {field}" data-field="{field}" '
            f'data-was="{self.kept[key][field]}"'
        )
