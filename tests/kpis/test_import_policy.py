"""Policy documents on their way in: created, updated, protected, and refused whole."""

import json

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis import models
from kpis.models import Actual, Change, Narrative, Policy, Project, Target
from tests.kpis.paper import Desk, isogo, targets, text
from tests.kpis.policy_files import POLICIES, by_id, projects
from wards.models import Section

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_the_five_policies_come_in_and_go_out_as_they_are(desk):
    files = sorted(POLICIES.glob("*.json"))
    desk.run("import_policy", *map(str, files))
    assert Policy.objects.count() == len(files) == 5
    for file in files:
        assert desk.exports(*file.stem.split("-")).encode() == file.read_bytes()


def test_a_new_policy_is_in_force_and_says_what_came(desk):
    said = desk.imports(isogo())
    assert "磯子区 令和2年度 (2020): 新しく登録しました。" in said
    assert "事業 3" in said and "目標 5" in said and "実績 4" in said
    assert Policy.objects.get().state == "in_force"


def test_the_second_import_changes_nothing_and_says_so(desk):
    desk.imports(isogo())
    before = list(Change.objects.values()), list(Actual.objects.values())
    assert "変更はありません。" in desk.imports(isogo())
    assert (list(Change.objects.values()), list(Actual.objects.values())) == before


def test_an_id_that_is_there_is_updated_and_never_doubled(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p12-t1"] |= {"label": "サポーター養成", "value": "850"}
    document["pillars"][0]["projects"][0]["name"] = "風水害への備え"
    said = desk.imports(document, force_reason="目標値の転記誤り")
    assert "p12-t1: value 800 → 850" in said
    assert Target.objects.count() == 5
    assert Target.objects.get(key="p12-t1").label == "サポーター養成"
    told = Change.objects.get(target__key="p12-t1", period=None)
    assert (told.act, told.changed["value"]) == ("imported", ["800", "850"])
    assert told.reason == "目標値の転記誤り"
    assert desk.exports() == text(document)


def test_a_target_moves_to_another_project(desk):
    desk.imports(isogo())
    document = isogo()
    patrols = document["pillars"][0]["projects"][0]["initiatives"][0]["targets"].pop()
    document["pillars"][1]["projects"][0]["initiatives"][0]["targets"].append(patrols)
    document["pillars"][0]["projects"][0]["initiatives"][0].pop("targets")
    said = desk.imports(document)
    assert "p05-t2: project p05 → p12" in said
    assert desk.exports() == text(document)


def test_what_the_file_leaves_out_stays_and_is_reported(desk):
    desk.imports(isogo())
    document = isogo()
    del document["pillars"][0]["projects"][0]  # the patrols, which have a figure
    targets(document)["p12-t3"].pop("actuals")
    document.pop("organisation")
    said = desk.imports(document)
    assert "残したもの: 目標（実績あり） p05-t2" in said
    assert "残したもの: 事業 p05" in said
    assert "残したもの: 実績 p12-t3 H1" in said
    assert "残したもの: 組織運営 確実な業務執行" in said
    assert Target.objects.count() == 5 and Actual.objects.count() == 4
    assert "変更はありません。" in desk.imports(document)


def test_every_figure_that_comes_in_stands_in_the_history(desk):
    desk.imports(isogo())
    lines = Change.objects.filter(act="imported", target__isnull=False, period__isnull=False)
    assert lines.count() == Actual.objects.count() == 4
    line = lines.get(target__key="p05-t2")
    assert line.changed["value"] == [None, "275"]
    assert (line.section.name, line.period.key) == ("磯子土木事務所", "H1")
    told = Change.objects.get(act="imported", target=None, period__isnull=False)
    assert (told.project.key, told.changed["state"]) == ("p05", [None, "confirmed"])
    revised = Change.objects.get(act="revised")
    assert revised.changed["value"] == ["550", "400"]
    assert revised.reason == "感染症の影響による"


# Figures that somebody has answered for


@pytest.mark.parametrize("state", ["submitted", "confirmed"])
def test_a_figure_that_was_handed_in_refuses_another_one(desk, state):
    desk.imports(isogo())
    Actual.objects.filter(target__key="p05-t2").update(state=state)
    document = isogo()
    targets(document)["p05-t2"]["actuals"][0]["value"] = "280"
    document["title"] = "別の表題"
    with pytest.raises(CommandError, match=r"p05-t2|targets\[0\]\.actuals\[0\].*275.*280"):
        desk.imports(document)
    assert Policy.objects.get().title == "令和2年度 磯子区 運営方針"
    assert Actual.objects.get(target__key="p05-t2").value == 275


def test_with_a_reason_it_is_overwritten_and_the_reason_kept(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p05-t2"]["actuals"][0]["value"] = "280"
    desk.imports(document, force_reason="集計の誤り　課で確認済")
    patrols = Actual.objects.get(target__key="p05-t2")
    assert (patrols.value, patrols.version) == (280, 2)
    line = Change.objects.filter(target__key="p05-t2", period__key="H1").first()
    assert (line.changed, line.reason) == ({"value": ["275", "280"]}, "集計の誤り　課で確認済")


def test_a_confirmed_figure_that_is_overwritten_is_a_correction_and_shows_as_one(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p05-t2"]["actuals"][0]["value"] = "280"
    desk.imports(document, force_reason="集計の誤り")
    corrected = json.loads(desk.exports())
    assert targets(corrected)["p05-t2"]["actuals"][0]["corrected_because"] == "集計の誤り"
    # An older file that does not speak of it takes nothing away.
    targets(document)["p05-t2"]["actuals"][0]["note"] = "大雨の後も実施した"
    desk.imports(document, force_reason="備考の誤字")
    assert Actual.objects.get(target__key="p05-t2").corrected_because == "集計の誤り"
    targets(document)["p05-t2"]["actuals"][0]["corrected_because"] = "再集計"
    desk.imports(document, force_reason="理由の言い直し")
    assert Actual.objects.get(target__key="p05-t2").corrected_because == "再集計"


def test_a_late_first_figure_of_a_closed_period_is_a_correction_too(desk):
    document = isogo()
    late = targets(document)["p05-t2"].pop("actuals")
    desk.imports(document)
    targets(document)["p05-t2"]["actuals"] = late
    desk.imports(document, force_reason="締切のあとに届いた")
    assert Actual.objects.get(target__key="p05-t2").corrected_because == "締切のあとに届いた"


def test_why_an_entry_was_sent_back_stays_until_it_is_handed_in(desk):
    document = isogo()
    entry = {"period": "H2", "value": "300", "state": "returned"}
    entry["returned_because"] = "回数を確かめてください。"
    targets(document)["p12-t1"]["actuals"] = [entry]
    desk.imports(document)
    del entry["returned_because"]
    entry["note"] = "名簿で確かめました。"
    desk.imports(document)
    sent_back = Actual.objects.get(target__key="p12-t1")
    assert sent_back.returned_because == "回数を確かめてください。"
    entry["state"] = "submitted"
    desk.imports(document)
    sent_back.refresh_from_db()
    assert sent_back.returned_because == ""


def test_who_decided_a_cancellation_stays_where_the_file_does_not_say(desk):
    document = isogo()
    project = by_id(projects(document))["p07"]
    project |= {"status_decided_by": "区長", "status_document_number": "磯区政第99号"}
    desk.imports(document)
    assert json.loads(desk.exports()) == document
    del project["status_decided_by"], project["status_document_number"]
    desk.imports(document)
    assert Project.objects.get(key="p07").status_document_number == "磯区政第99号"
    project["status"] = "cancelled"  # another decision, of which nobody is named
    desk.imports(document)
    assert Project.objects.get(key="p07").status_document_number == ""


@pytest.mark.parametrize("reason", [None, " 　"])
def test_nothing_is_cancelled_or_postponed_without_a_reason(desk, reason):
    document = isogo()
    project = by_id(projects(document))["p07"]
    targets(document)["p12-t1"]["status"] = "cancelled"
    for place in (project, targets(document)["p12-t1"]):
        place.pop("status_reason", None)
        if reason:
            place["status_reason"] = reason
    with pytest.raises(CommandError) as refused:
        desk.imports(document)
    assert str(refused.value).count("中止や延期には理由が必要です") == 2


def test_a_draft_figure_is_updated(desk):
    document = isogo()
    document["periods"][0].pop("state")
    desk.imports(document)
    targets(document)["p07-t1"]["actuals"][0] |= {"value": "5", "state": "confirmed"}
    assert "p07-t1 H1: value 0 → 5" in desk.imports(document)


def test_a_confirmed_figure_does_not_fall_back_to_a_draft(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p05-t2"]["actuals"][0]["state"] = "draft"
    with pytest.raises(CommandError, match="前の状態に戻す"):
        desk.imports(document)


def test_a_closed_period_takes_no_new_figure_and_is_not_opened_again(desk):
    desk.imports(isogo())
    document = isogo()
    document["periods"][0].pop("state")
    targets(document)["p12-t2"]["actuals"] = [{"period": "H1", "value": "18010"}]
    with pytest.raises(CommandError, match="締め切られています"):
        desk.imports(document)
    targets(document)["p12-t2"].pop("actuals")
    assert "変更はありません。" in desk.imports(document)
    assert models.Period.objects.get(key="H1").state == "closed"


def test_a_figure_can_come_for_a_period_that_the_file_opens(desk):
    desk.imports(isogo())
    document = isogo()
    document["periods"][0]["state"] = "open"
    targets(document)["p12-t2"]["actuals"] = [{"period": "H1", "value": "18010"}]
    desk.imports(document)
    assert models.Period.objects.get(key="H1").state == "open"
    assert Actual.objects.get(target__key="p12-t2").value == 18010


def test_a_recorded_revision_cannot_be_hidden(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p05-t2"].pop("revisions")
    assert "残したもの: 目標変更 p05-t2 2020-07-01 550→400" in desk.imports(document)
    targets(document)["p05-t2"]["value"] = "300"
    with pytest.raises(CommandError, match="550→400）が文書にありません"):
        desk.imports(document)
    with pytest.raises(CommandError, match="550→400）が文書にありません"):
        desk.imports(document, force_reason="隠したい")
    assert Target.objects.get(key="p05-t2").value == 400


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"value": "700"}, "targets[0].value"),
        ({"direction": "at_most"}, "targets[0].direction"),
    ],
)
def test_a_pledge_in_force_is_not_changed_in_silence(desk, change, place):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p12-t1"] |= change
    with pytest.raises(CommandError, match="実施中の方針の目標が変わっています") as refused:
        desk.imports(document)
    assert place in str(refused.value)
    assert Target.objects.get(key="p12-t1").value == 800


def test_a_revision_with_date_and_reason_changes_the_target(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p12-t1"] |= {
        "value": "700",
        "revisions": [{"on": "2020-08-03", "from": "800", "to": "700", "reason": "講座の中止"}],
    }
    desk.imports(document)
    target = Target.objects.get(key="p12-t1")
    assert (target.value, target.revisions.get().old) == (700, 800)


def test_a_draft_may_still_be_changed_freely(desk):
    document = isogo()
    targets(document)["p12-t1"]["check"] = "「約800人」と読んだ"
    desk.imports(document)
    targets(document)["p12-t1"]["value"] = "850"
    desk.imports(document)
    assert Target.objects.get(key="p12-t1").value == 850


def test_recorded_entries_that_no_longer_fit_refuse_the_file(desk):
    desk.imports(isogo())
    document = isogo()
    patrols = targets(document)["p05-t2"]
    for key in ("accumulation", "value", "unit", "plan", "revisions", "actuals"):
        patrols.pop(key)
    patrols["measure"] = "milestone"
    with pytest.raises(CommandError, match="登録済みの実績と合いません"):
        desk.imports(document)


# Drafts


def test_open_questions_keep_a_policy_a_draft_until_they_are_answered(desk):
    document = isogo()
    targets(document)["p12-t1"]["check"] = "「約800人」と読んだ"
    assert "作成中" in desk.imports(document)
    assert Policy.objects.get().state == "draft"
    assert desk.exports() == text(document)
    targets(document)["p12-t1"].pop("check")
    assert "実施中にしました" in desk.imports(document)
    assert Policy.objects.get().state == "in_force"


def test_a_policy_in_force_takes_no_open_questions(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p12-t1"]["check"] = "「約800人」と読んだ"
    with pytest.raises(CommandError, match=r"targets\[0\]\.check: 実施中の運営方針に"):
        desk.imports(document)


# All or nothing


def test_one_bad_file_keeps_all_of_them_out(desk):
    bad = isogo() | {"fiscal_year": 2021}
    with pytest.raises(CommandError, match=r"2\.json: periods\[0\]: 期は 2021年度"):
        desk.imports(isogo(), bad)
    assert not Policy.objects.exists() and not Section.objects.exists()


def test_the_same_policy_twice_in_one_call_is_refused(desk):
    with pytest.raises(CommandError, match="同じ区・年度"):
        desk.imports(isogo(), isogo())
    assert not Policy.objects.exists()


@pytest.mark.skipif(
    not connection.features.has_select_for_update, reason="locks the whole database anyway"
)
def test_imports_wait_for_each_other_and_for_whoever_enters_a_figure(desk):
    """Wards first, in one order whichever file comes first; then periods, as entering does."""
    minami = {"format": "ayumi-policy/1", "ward": {"code": "14105"}, "fiscal_year": 2020}
    files = [desk.file(isogo(), "a.json"), desk.file(minami | {"title": "南区"}, "b.json")]
    for order in (files, files[::-1]):
        with CaptureQueriesContext(connection) as asked:
            desk.run("import_policy", *order)
        locks = [query["sql"] for query in asked if query["sql"].endswith("FOR NO KEY UPDATE")]
        assert ['FROM "wards_ward"' in sql for sql in locks][:2] == [True, False]
        assert 'ORDER BY "wards_ward"."code" ASC' in locks[0]
    assert ['FROM "kpis_period"' in sql for sql in locks] == [False, True, True]


def test_a_dry_run_says_what_would_change_and_writes_nothing(desk):
    assert "何も書き込んでいません" in desk.imports(isogo(), dry_run=True)
    assert not Policy.objects.exists() and not Change.objects.exists()
    desk.imports(isogo())
    changed = isogo() | {"title": "別の表題"}
    assert "別の表題" in desk.imports(changed, dry_run=True)
    assert Policy.objects.get().title == "令和2年度 磯子区 運営方針"


def test_a_name_that_does_not_fit_the_code_is_refused(desk):
    document = isogo() | {"ward": {"code": "14107", "name": "南区"}}
    with pytest.raises(CommandError, match=r"ward\.name: 団体コード 14107 は磯子区です"):
        desk.imports(document)
    document["ward"] = {"code": "14999", "name": "磯子区"}
    with pytest.raises(CommandError, match=r"ward\.code: 団体コード 14999 の区はありません"):
        desk.imports(document)


# Sections and periods


def test_sections_are_made_and_each_year_keeps_its_own_department(desk):
    desk.imports(isogo())
    assert Section.objects.get(name="福祉保健課").department == "福祉保健センター"
    assert Section.objects.filter(name="地域振興課").exists()  # named by a target alone
    later = {
        "format": "ayumi-policy/1",
        "ward": {"code": "14107"},
        "fiscal_year": 2021,
        "title": "令和3年度 磯子区 運営方針",
        "sections": [{"name": "福祉保健課", "department": "福祉部"}],
    }
    desk.imports(later)
    assert Section.objects.get(name="福祉保健課").department == "福祉部"
    assert desk.exports() == text(isogo())
    desk.imports(isogo())  # the earlier year does not move it back
    assert Section.objects.get(name="福祉保健課").department == "福祉部"


def test_without_periods_a_policy_has_the_two_halves(desk):
    document = {
        "format": "ayumi-policy/1",
        "ward": {"code": "14116"},
        "fiscal_year": 2019,
        "title": "令和元年度 泉区運営方針",
    }
    desk.imports(document)
    found = models.Period.objects.values_list("key", "starts", "ends", "due")
    assert [tuple(map(str, row)) for row in found] == [
        ("H1", "2019-04-01", "2019-09-30", "2019-10-31"),
        ("H2", "2019-10-01", "2020-03-31", "2020-04-30"),
    ]


def test_periods_cannot_be_cut_anew_under_recorded_ones(desk):
    desk.imports(isogo())
    document = isogo()
    document["periods"] = [
        {"key": "Q1", "starts": "2020-04-01", "ends": "2020-06-30"},
        *document["periods"][1:],
    ]
    for target in targets(document).values():
        target.pop("actuals", None)
        target.pop("plan", None)
    document["pillars"][0]["projects"][0].pop("narratives")
    with pytest.raises(CommandError, match="登録済みの期「H1」"):
        desk.imports(document)


def test_two_periods_cannot_change_places(desk):
    desk.imports(isogo())
    document = isogo()
    first, second = document["periods"]
    first["key"], second["key"] = second["key"], first["key"]
    with pytest.raises(CommandError, match="登録済みではその期は「H1」です"):
        desk.imports(document)


def test_a_link_can_be_tied_to_another_target_and_let_go(desk):
    desk.imports(isogo())
    document = isogo()
    targets(document)["p12-t2"]["linked_to"] = "p05-t2"
    assert "linked_to" in desk.imports(document)
    assert desk.exports() == text(document)
    targets(document)["p12-t2"].pop("linked_to")
    targets(document)["p12-t2"].pop("cumulative")
    desk.imports(document, force_reason="累計ではなかった")
    assert Target.objects.get(key="p12-t2").linked_to is None


# What stands beside the figures: evidence, and the accounts of projects

FILE = {"title": "巡回記録.pdf", "file": "a" * 32, "kind": "pdf", "size": 9, "sha256": "b" * 64}


def with_a_file(**more):
    """The patrols of the first half, to which somebody has added a file."""
    actual = Actual.objects.get(target__key="p05-t2")
    actual.evidence = [*actual.evidence, FILE]
    actual.save()
    return actual


def test_a_document_names_files_and_an_import_keeps_them(desk):
    desk.imports(isogo())
    before = with_a_file().evidence
    document = json.loads(desk.exports())
    exported = targets(document)["p05-t2"]["actuals"][0]["evidence"]
    assert exported[-1] == {"title": "巡回記録.pdf"}
    assert "変更はありません。" in desk.imports(document)
    exported.insert(0, {"title": "新しい頁", "url": "https://example.jp/new"})
    desk.imports(document)
    kept = Actual.objects.get(target__key="p05-t2").evidence
    assert kept == [{"title": "新しい頁", "url": "https://example.jp/new"}, *before]
    del exported[:]
    desk.imports(document)
    assert Actual.objects.get(target__key="p05-t2").evidence == [FILE]


def narrative_of(document):
    return document["pillars"][0]["projects"][0]["narratives"][0]


def test_an_account_that_says_nothing_of_its_state_is_confirmed(desk):
    desk.imports(isogo())
    told = Narrative.objects.get()
    assert (told.state, told.version) == ("confirmed", 1)
    document = isogo()
    narrative_of(document)["done"] = "二度巡回した。"
    assert "巡回した。" in desk.imports(document)
    told = Narrative.objects.get()
    assert (told.done, told.version) == ("二度巡回した。", 2)
    line = Change.objects.filter(target=None, period__isnull=False).latest("id")
    assert line.changed == {"done": ["巡回した。", "二度巡回した。"]}


def test_an_account_that_was_handed_in_does_not_go_back_without_a_reason(desk):
    desk.imports(isogo())
    document = isogo()
    narrative_of(document)["state"] = "draft"
    with pytest.raises(CommandError, match=r"narratives\[0\].*確認済の説明を前の状態に戻すなら"):
        desk.imports(document)
    desk.imports(document, force_reason="確認の前に取り込んだ")
    assert Narrative.objects.get().state == "draft"
    assert '"state": "draft"' in desk.exports()
