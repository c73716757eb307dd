"""A small policy document to tell stories with: 磯子区 2020, as a file on somebody's disk.

The 土木事務所 patrols (p05-t2, lowered in July), the 福祉保健課 trains supporters of people with
dementia (p12-t1 a year, p12-t2 in all since before), visits gardens (p07-t1) and writes a plan
(p12-t3, without a number). Everything about the first half has been confirmed but the garden.
"""

import copy
import io
import json
from typing import Any

from django.core.management import call_command

ISOGO: dict[str, Any] = {
    "format": "ayumi-policy/1",
    "ward": {"code": "14107", "name": "磯子区"},
    "fiscal_year": 2020,
    "title": "令和2年度 磯子区 運営方針",
    "basic_goal": "笑顔あふれるまち・いそご",
    "grades": {"achieved": "110", "names": {"achieved": "達成（◎）"}},
    "periods": [
        {
            "key": "H1",
            "starts": "2020-04-01",
            "ends": "2020-09-30",
            "due": "2020-11-02",
            "state": "closed",
        },
        {"key": "H2", "starts": "2020-10-01", "ends": "2021-03-31", "due": "2021-04-30"},
    ],
    "sections": [
        {
            "name": "福祉保健課",
            "department": "福祉保健センター",
            "goal": "つながりを大切にします。",
        },
        {"name": "磯子土木事務所"},
    ],
    "pillars": [
        {
            "id": "a",
            "group": "区民の皆さまとともに",
            "name": "安全・安心なまち",
            "projects": [
                {
                    "id": "p05",
                    "number": "⑤",
                    "name": "風水害に対する備え",
                    "tags": ["重点"],
                    "funding": "ward",
                    "sections": ["磯子土木事務所", "福祉保健課"],
                    "narratives": [
                        {
                            "period": "H1",
                            "done": "巡回した。",
                            "obstacles": "大雨",
                            "next": "続ける",
                        }
                    ],
                    "initiatives": [
                        {
                            "id": "p05-i2",
                            "text": "道路・公園などのパトロール",
                            "targets": [
                                {
                                    "id": "p05-t2",
                                    "label": "道路・公園などのパトロール",
                                    "printed": "550回",
                                    "measure": "number",
                                    "accumulation": "sum",
                                    "value": "400",
                                    "unit": "回",
                                    "nature": "activity",
                                    "plan": {"H1": "150.5"},
                                    "revisions": [
                                        {
                                            "on": "2020-07-01",
                                            "from": "550",
                                            "to": "400",
                                            "reason": "感染症の影響による",
                                        }
                                    ],
                                    "actuals": [
                                        {
                                            "period": "H1",
                                            "value": "275",
                                            "note": "大雨の後も実施",
                                            "self_assessment": {
                                                "status": "on_track",
                                                "reason": "計画どおり",
                                            },
                                            "outlook": {"met": False, "value": "380"},
                                            "cause": "職員の応援",
                                            "remedy": "委託する",
                                            "evidence": [
                                                {
                                                    "title": "巡回記録",
                                                    "url": "https://example.jp/kiroku",
                                                }
                                            ],
                                        }
                                    ],
                                }
                            ],
                        }
                    ],
                },
                {
                    "id": "p07",
                    "number": "⑤",
                    "name": "交通安全教室",
                    "status": "postponed",
                    "status_on": "2020-12-01",
                    "status_reason": "感染症の影響による",
                    "initiatives": [
                        {
                            "id": "p07-i1",
                            "text": "園での教室",
                            "targets": [
                                {
                                    "id": "p07-t1",
                                    "label": "園での教室",
                                    "section": "地域振興課",
                                    "measure": "ratio",
                                    "accumulation": "sum",
                                    "value": "33",
                                    "of": "49",
                                    "unit": "園",
                                    "starts_month": 6,
                                    "ends_month": 2,
                                    "actuals": [
                                        {
                                            "period": "H1",
                                            "value": "0",
                                            "of": "48",
                                            "certainty": "provisional",
                                            "state": "draft",
                                        }
                                    ],
                                }
                            ],
                        }
                    ],
                },
            ],
        },
        {
            "id": "b",
            "name": "ともに支えあうまち",
            "projects": [
                {
                    "id": "p12",
                    "name": "認知症の人を支える地域づくり",
                    "initiatives": [
                        {
                            "id": "p12-i1",
                            "text": "認知症サポーターの養成",
                            "targets": [
                                {
                                    "id": "p12-t1",
                                    "label": "認知症サポーターの養成",
                                    "printed": "800人（累計18,500人）",
                                    "measure": "number",
                                    "accumulation": "sum",
                                    "value": "800",
                                    "unit": "人",
                                    "actuals": [{"period": "H1", "value": "310"}],
                                },
                                {
                                    "id": "p12-t2",
                                    "label": "認知症サポーターの累計",
                                    "measure": "number",
                                    "accumulation": "latest",
                                    "value": "18500",
                                    "unit": "人",
                                    "cumulative": True,
                                    "baseline": "17700",
                                    "linked_to": "p12-t1",
                                },
                            ],
                        },
                        {
                            "id": "p12-i2",
                            "text": "第4期計画の策定",
                            "targets": [
                                {
                                    "id": "p12-t3",
                                    "label": "第4期計画の策定",
                                    "measure": "milestone",
                                    "done_when": "計画を公表した",
                                    "steps": [{"by": "2020-12-31", "text": "素案の公表"}],
                                    "actuals": [{"period": "H1", "stage": "preparing"}],
                                }
                            ],
                        },
                    ],
                }
            ],
        },
    ],
    "organisation": [
        {
            "heading": "確実な業務執行",
            "items": ["手順の確認"],
            "parts": [{"heading": "具体的取組", "text": "朝に集まります。"}],
        }
    ],
    "committee_opinions": [
        {"on_fiscal_year": 2019, "dated": "2020-03", "points": ["続けてほしい。"]}
    ],
    "notes": ["番号は原文のままです。"],
}


def isogo() -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(ISOGO)


def targets(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The targets of a document by id, to be changed in place."""
    return {
        target["id"]: target
        for pillar in document["pillars"]
        for project in pillar.get("projects", [])
        for initiative in project.get("initiatives", [])
        for target in initiative.get("targets", [])
    }


def text(document: Any) -> str:
    """As an export prints it, by plain JSON means."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class Desk:
    """Somebody at a command line, with files in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder

    def file(self, content: Any, name: str = "isogo.json") -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else text(content).encode())
        return str(path)

    def imports(self, *documents: Any, **options: Any) -> str:
        """Import documents, each from a file; gives back what was printed."""
        files = [self.file(document, f"{n}.json") for n, document in enumerate(documents, 1)]
        return self.run("import_policy", *files, **options)

    def exports(self, ward: str = "14107", year: str = "2020") -> str:
        return self.run("export_policy", ward, year)

    def run(self, command: str, *args: str, **options: Any) -> str:
        out = io.StringIO()
        call_command(command, *args, stdout=out, stderr=io.StringIO(), **options)
        return out.getvalue()
