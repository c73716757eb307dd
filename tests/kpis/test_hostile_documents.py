"""Documents that nobody should take: each is refused whole, with the place and in a sentence."""

import json
import os

import pytest
from django.core.management import CommandError
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kpis.document_reading import LARGEST, read_document
from kpis.documents import schema
from kpis.models import Change, Policy
from tests.kpis.paper import ISOGO, Desk, isogo, targets, text
from wards.models import Section

T = "pillars[0].projects[0].initiatives[0].targets[0]"  # the patrols
RATIO = "pillars[0].projects[1].initiatives[0].targets[0]"
YEARLY = "pillars[1].projects[0].initiatives[0].targets[0]"
TOTAL = "pillars[1].projects[0].initiatives[0].targets[1]"
PLAN = "pillars[1].projects[0].initiatives[1].targets[0]"  # a milestone


def problems_of(document) -> dict[str, str]:
    """What is wrong with a document: place → sentence."""
    data = document if isinstance(document, bytes) else text(document).encode("utf-8")
    found, problems = read_document(data)
    assert (found is None) == bool(problems)
    said: dict[str, str] = {}
    for problem in problems:
        said[problem.place] = said.get(problem.place, "") + problem.message
    return said


def changed(place: str, value):
    """The document of 磯子区 with one thing changed; a value of None takes it out."""
    document = isogo()
    holder = document
    steps = place.replace("[", ".").replace("]", "").split(".")
    for step in steps[:-1]:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    last = int(steps[-1]) if steps[-1].isdigit() else steps[-1]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return document


def test_the_document_itself_is_right():
    assert problems_of(isogo()) == {}


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("format", "ayumi-policy/2", "「ayumi-policy/1」と書いてください"),
        ("format", None, "必要な項目がありません"),
        ("fiscal_year", 99999, "1948 から 2199"),
        ("fiscal_year", "2020", "整数（引用符なし）"),
        ("fiscal_year", True, "整数（引用符なし）"),
        ("fiscal_year", 2020.0, "整数（引用符なし）"),
        ("ward.code", "1410", "5 桁の団体コード"),
        ("ward.code", "14107\n", "5文字まで"),
        ("title", "  ", "空でない 1 行の文字"),
        ("title", "あ" * 201, "200文字まで"),
        ("title", "1行目\n2行目", "空でない 1 行の文字"),
        ("basic_goal", ["目標"], "文字列"),
        ("preamble", "NUL\0入り", "使えない文字（NUL）"),
        ("mascot", "いそっぴ", "知らない項目です"),
        ("grades.achieved", "0", "百分率"),
        ("grades.names.great", "◎", "知らない項目です"),
        ("grades.names.achieved", "達成" * 16, "30文字まで"),
        ("grades.names.achieved", " ", "空でない 1 行の文字"),
        ("periods", [], "中身がありません"),
        ("periods[0].starts", "2020-02-30", "暦にない日付"),
        ("periods[0].starts", "99999-04-01", "10文字まで"),
        ("periods[0].starts", "20200401", "日付は"),
        ("periods[0].ends", "2020-03-31", "始まりより後"),
        ("periods[0].ends", "2020-10-31", None),  # said of the period that it runs into
        ("periods[1].key", "H1", "2回書かれています"),
        ("periods[1].due", "2020-09-01", "始まり以後"),
        ("periods[1].state", "ajar", "open、closed のどれか"),
        ("sections[1].name", "福祉保健課", "1 回だけ"),
        ("pillars[1].id", "a", "重ならないように"),
        ("pillars[1].id", "../b", "id は空白と「/」"),
        ("pillars[0].projects[0].id", "p05?x=1", "id は空白と「/」"),
        ("pillars[0].projects[0].id", "p#5", "id は空白と「/」"),
        (f"{T}.id", "p05%2Ft2", "id は空白と「/」"),
        ("pillars[0].projects[1].id", "p05", "重ならないように"),
        ("pillars[0].projects[0].funding", "city", "ward、bureau のどれか"),
        ("pillars[0].projects[0].sections[1]", "磯子土木事務所", "2回書かれています"),
        ("pillars[0].projects[0].narratives[0].period", "H3", "periods にありません"),
        ("pillars[0].projects[1].status_on", "2021-04-01", "2020年度の日付"),
        (f"{T}.id", None, "必要な項目がありません"),
        (f"{T}.measure", "count", "number、ratio、percentage、milestone"),
        (f"{T}.accumulation", None, "必要な項目がありません"),
        (f"{T}.value", None, "必要な項目がありません"),
        (f"{T}.value", 400, "引用符で囲んだ文字列"),
        (f"{T}.value", "1e999", "半角数字だけ"),
        (f"{T}.value", "NaN", "半角数字だけ"),
        (f"{T}.value", "４００", "半角数字だけ"),
        (f"{T}.value", "400\n", "半角数字だけ"),
        (f"{T}.value", "0400", "半角数字だけ"),
        (f"{T}.value", "123456789012", "整数部11桁"),
        (f"{T}.value", "1.23456", "小数部4桁"),
        (f"{T}.value", "9" * 5000, "17文字まで"),
        (f"{T}.value", "-400", "期首値のある目標だけ"),
        (f"{T}.value", "500", "最後の変更後の値（400）"),
        (f"{T}.of", "49", "ratio の目標だけ"),
        (f"{T}.baseline", "10", "latest の目標だけ"),
        (f"{T}.cumulative", True, "latest にしてください"),
        (f"{T}.ongoing", True, "この種類の目標には書けません"),
        (f"{T}.done_when", "終わったら", "この種類の目標には書けません"),
        (f"{T}.plan.H9", "10", "periods にありません"),
        (f"{T}.plan.H1", "-1", "期首値のある目標だけ"),
        (f"{T}.starts_month", 13, "1 から 12"),
        (f"{T}.revisions[0].on", "2019-07-01", "2020年度の日付"),
        (f"{T}.revisions[0].to", "401", None),
        (f"{T}.revisions[0].reason", " ", "空でない文字"),
        (f"{T}.actuals[0].period", "Q1", "periods にありません"),
        (f"{T}.actuals[0].value", "-1", "期首値のある目標だけ"),
        (f"{T}.actuals[0].stage", "done", "value を書いてください"),
        (f"{T}.actuals[0].of", "300", "ratio の目標だけ"),
        (f"{T}.actuals[0].state", "approved", "confirmed のどれか"),
        (f"{T}.actuals[0].certainty", "maybe", "final、provisional"),
        (f"{T}.actuals[0].self_assessment.status", "great", "のどれか"),
        (f"{T}.actuals[0].outlook.met", "yes", "true または false"),
        (f"{T}.actuals[0].evidence[0].url", "javascript:alert(1)", "http:// か https://"),
        (f"{T}.actuals[0].evidence[0].url", "file:///etc/passwd", "http:// か https://"),
        (f"{RATIO}.of", None, "母数が必要"),
        (f"{RATIO}.of", "-1", "負の数"),
        (f"{RATIO}.ends_month", 5, "始まる月"),
        (f"{RATIO}.actuals[0].value", "49", "母数（48）を超えています"),
        (f"{TOTAL}.linked_to", "p99-t9", "この文書にありません"),
        (f"{TOTAL}.linked_to", "p12-t2", "年度の合計"),
        (f"{TOTAL}.linked_to", "p07-t1", "年度の合計"),
        (f"{TOTAL}.cumulative", False, None),
        (f"{TOTAL}.actuals", [{"period": "H1", "missing": "pending"}], None),
        (f"{YEARLY}.linked_to", "p05-t2", "cumulative が true"),
        (f"{PLAN}.value", "1", "この種類の目標には書けません"),
        (f"{PLAN}.actuals[0].value", "1", "段階（stage）を書いてください"),
        (f"{PLAN}.actuals[0].missing", "pending", None),
        ("organisation[0].heading", "", "空でない 1 行"),
        ("committee_opinions[0]", 5, "項目の組（{ … }）または文字列"),
        ("notes[0]", "", "中身がありません"),
    ],
)
def test_one_thing_wrong_is_said_at_its_place(place, value, says):
    problems = problems_of(changed(place, value))
    assert problems
    if says:
        assert says in problems[place]
        assert problems[place].endswith(("ください。", "）。"))


def test_every_problem_is_said_at_once():
    document = isogo() | {"title": "", "mascot": "いそっぴ"}
    targets(document)["p05-t2"]["value"] = "５５０"
    targets(document)["p12-t2"]["linked_to"] = "p99-t9"
    assert set(problems_of(document)) == {"title", "mascot", f"{T}.value", f"{TOTAL}.linked_to"}


def test_a_sum_of_halves_may_not_exceed_its_denominator():
    document = changed(f"{RATIO}.actuals[0].of", None)
    document["pillars"][0]["projects"][1]["initiatives"][0]["targets"][0]["actuals"] = [
        {"period": "H2", "value": "30"},
        {"period": "H1", "value": "20"},
    ]
    assert "（50）が母数（49）" in problems_of(document)[f"{RATIO}.actuals[0].value"]


def test_a_thousand_problems_are_not_all_told():
    document = isogo()
    for number in range(1000):
        document[f"x{number}"] = 1
    assert len(problems_of(document)) == 50


# What is no document at all

BYTES = {
    "empty": (b"", "ファイルが空です"),
    "blank": (b" \n", "ファイルが空です"),
    "not JSON": ("区役所".encode(), "1行1文字目"),
    "cut off": (text(ISOGO).encode()[:-20], "JSON として読めません"),
    "not UTF-8": (text(ISOGO).encode("cp932"), "UTF-8 の文字として読めません"),
    "UTF-16": (text(ISOGO).encode("utf-16"), "UTF-8 の文字として読めません"),
    "binary": (os.urandom(4096) + b"\xff", "UTF-8 の文字として読めません"),
    "a list": (b"[]", "1 つのオブジェクト"),
    "a number": (b"1", "1 つのオブジェクト"),
    "NaN alone": (b"NaN", "1 つのオブジェクト"),
    "too large": (b" " * (LARGEST + 1), "5MB以下"),
    "deep": (b"[" * 200_000, "入れ子が深すぎます"),
    "deep inside": (b'{"a":' * 500 + b"1" + b"}" * 500, "入れ子が深すぎます"),
}


@pytest.mark.parametrize("name", BYTES)
def test_what_is_no_document_is_refused(name):
    data, says = BYTES[name]
    assert says in problems_of(data)[""]


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999999", "1" * 10_000, "0.1", "2e3"])
def test_numbers_that_the_format_does_not_use(number):
    data = text(ISOGO).replace('"fiscal_year": 2020', f'"fiscal_year": {number}').encode()
    assert "整数（引用符なし）" in problems_of(data)["fiscal_year"]
    data = text(ISOGO).replace('"value": "800"', f'"value": {number}').encode()
    assert "引用符で囲んだ文字列" in problems_of(data)[f"{YEARLY}.value"]


def test_a_key_that_stands_twice_is_refused_wherever_it_stands():
    data = text(ISOGO).replace('"value": "800",', '"value": "800", "value": "80",').encode()
    assert "同じ項目が2回" in problems_of(data)[f"{YEARLY}.value"]


def test_half_a_character_is_refused():
    data = json.dumps(isogo() | {"title": "あ\ud800"}).encode()
    assert "文字になっていない" in problems_of(data)["title"]
    data = json.dumps(isogo() | {"\udfff": 1}).encode()
    assert any("\\udfff" in place for place in problems_of(data))


def test_a_bom_is_no_reason_to_refuse():
    assert problems_of(b"\xef\xbb\xbf" + text(ISOGO).encode()) == {}


def test_long_hostile_text_is_refused_without_being_searched():
    document = isogo() | {"title": "a" * 2_000_000 + "\x01"}
    assert "200文字まで" in problems_of(document)["title"]


def places(value, path=()):
    """The path of everything in a document."""
    yield path
    inside = value.items() if isinstance(value, dict) else ()
    for step, inner in enumerate(value) if isinstance(value, list) else inside:
        yield from places(inner, (*path, step))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
PLACES = [path for path in places(ISOGO) if path]


@hypothesis(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=3))
def test_whatever_is_damaged_there_is_an_answer(damages):
    document = isogo()
    for path, value in damages:
        holder = document
        for step in path[:-1]:
            is_there = isinstance(holder, dict) and step in holder
            is_there = is_there or (isinstance(holder, list) and step in range(len(holder)))
            holder = holder[step] if is_there else {}
        if isinstance(holder, dict) or (
            isinstance(holder, list) and path[-1] in range(len(holder))
        ):
            holder[path[-1]] = value
    found, problems = read_document(json.dumps(document).encode())
    assert (found is None) == bool(problems)
    assert all(str(problem).replace("　", "").isprintable() for problem in problems)


def test_what_cannot_be_printed_is_spelt_out():
    document = isogo()
    targets(document)["p12-t2"]["linked_to"] = "p\x80"
    _found, problems = read_document(json.dumps(document).encode())
    assert "「p\\x80」の目標はこの文書にありません" in str(problems[0])


# At the command line


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.django_db
@pytest.mark.parametrize("name", BYTES)
def test_the_command_writes_nothing(desk, name):
    with pytest.raises(CommandError, match="取り込みませんでした"):
        desk.run("import_policy", desk.file(isogo(), "good.json"), desk.file(BYTES[name][0]))
    assert not Policy.objects.exists() and not Section.objects.exists()
    assert not Change.objects.exists()


@pytest.mark.django_db
def test_what_is_no_file_is_named(desk):
    with pytest.raises(CommandError) as refused:
        desk.run("import_policy", str(desk.folder / "ない.json"), str(desk.folder), "/dev/zero")
    said = str(refused.value)
    assert "ない.json: 読めません（ファイルがありません）" in said
    assert said.count("ファイルではありません") == 2


@pytest.mark.django_db
def test_no_text_of_a_document_commands_the_terminal(desk):
    document = isogo()
    document["pillars"][0]["projects"][0] |= {"id": "p05\x9b2J", "number": "\x1b[2J"}
    desk.imports(document)
    document["basic_goal"] = "\x1b]0;目標\x07　を変える"
    document["pillars"].pop(0)
    said = desk.imports(document)
    assert "\\x1b]0;目標" in said and "p05\\x9b2J" in said
    assert all(line.replace("　", "").isprintable() for line in said.splitlines())


@pytest.mark.django_db
def test_a_reason_is_one_line(desk):
    with pytest.raises(CommandError, match="1 行の文字"):
        desk.imports(isogo(), force_reason="一行\n二行")


# The published schema


def test_the_schema_is_a_schema_and_agrees_with_the_importer():
    Draft202012Validator.check_schema(schema())
    plain = Draft202012Validator(schema())
    assert plain.is_valid(isogo())
    for place, value in [
        (f"{T}.value", "1e5"),
        (f"{T}.accumulation", None),
        (f"{PLAN}.value", "1"),
        ("mascot", "いそっぴ"),
    ]:
        assert not plain.is_valid(changed(place, value))


@pytest.mark.django_db
def test_anybody_can_fetch_the_schema(client):
    answer = client.get("/policy-document.schema.json")
    assert answer["Content-Type"] == "application/schema+json"
    assert answer.json() == schema()
