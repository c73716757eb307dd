"""Results on the command line: the small policy of 磯子区 at the end of its first half."""

import csv
import io
import json

import pytest
from django.core.management import CommandError

from kpis.models import Policy
from tests.kpis.paper import Desk, isogo, targets

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    desk.imports(isogo())
    return desk


def results(desk, **options):
    return desk.run("export_results", "磯子区", "2020", **({"period": "H1"} | options))


def by_id(text):
    return {target["id"]: target for target in json.loads(text)["targets"]}


def test_the_document_of_the_first_half(desk):
    document = json.loads(results(desk))
    assert (document["format"], document["ward"]) == (
        "ayumi-results/1",
        {"code": "14107", "name": "磯子区"},
    )
    assert list(document["rollup"]["projects"]) == ["p05", "p07", "p12"]
    patrols, total = by_id(results(desk))["p05-t2"], by_id(results(desk))["p12-t2"]
    assert (patrols["to_date"], patrols["rate"], patrols["expected"]) == ("275", "68.8", "150.5")
    assert patrols["original"] == {"value": "550", "rate": "50.0"}
    assert (total["to_date"], total["rate"]) == ("18010", "38.8")  # 310 of 800 since 17,700
    assert by_id(results(desk))["p12-t3"]["stage"] == "preparing"


def test_confirmed_entries_alone_on_request(desk):
    assert by_id(results(desk))["p07-t1"]["to_date"] == "0"
    assert by_id(results(desk, confirmed=True))["p07-t1"]["to_date"] is None


def test_a_postponed_project_is_postponed_from_its_period_on(desk):
    assert by_id(results(desk))["p07-t1"]["status"] != "postponed"
    assert by_id(results(desk, period="H2"))["p07-t1"]["status"] == "postponed"


def test_csv_is_rows_when_printed_and_for_excel_in_a_file(desk):
    rows = list(csv.DictReader(io.StringIO(results(desk, format="csv"))))
    assert [row["id"] for row in rows] == ["p05-t2", "p07-t1", "p12-t1", "p12-t2", "p12-t3"]
    assert (rows[0]["label"], rows[0]["unit"]) == ("道路・公園などのパトロール", "回")
    path = desk.folder / "結果.csv"
    assert results(desk, format="csv", output=str(path)) == ""
    assert path.read_bytes() == b"\xef\xbb\xbf" + results(desk, format="csv").encode()


def test_the_table_uses_the_policys_own_words(desk):
    document = isogo()
    document["grades"]["names"] = {"behind": "要注意"}
    desk.imports(document)
    table = results(desk, format="table")
    assert "道路・公園などのパトロール" in table and "要注意" in table


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"period": ""}, "--period に期を書いてください。この方針の期は H1、H2"),
        ({"period": "Q1"}, "期「Q1」はありません。--period には H1、H2"),
        ({"format": "xml"}, "形式「xml」はありません"),
        ({"output": "/no/such/folder/a.json"}, "書き込めません"),
    ],
)
def test_what_is_not_there_is_said(desk, options, says):
    with pytest.raises(CommandError, match=says):
        results(desk, **options)


def test_a_draft_has_no_results(desk):
    Policy.objects.update(state="draft")
    with pytest.raises(CommandError, match="作成中のため、結果はありません"):
        results(desk)


def test_an_unknown_ward_or_year_is_said(desk):
    with pytest.raises(CommandError, match="「川崎区」という区はありません"):
        desk.run("export_results", "川崎区", "2020", period="H1")
    with pytest.raises(CommandError, match="登録されていません"):
        desk.run("export_results", "磯子区", "2021", period="H1")


def test_typed_totals_win(desk):
    document = isogo()
    document["periods"][0]["state"] = "open"
    targets(document)["p12-t2"]["actuals"] = [{"period": "H1", "value": "18100"}]
    desk.imports(document)
    assert by_id(results(desk))["p12-t2"]["to_date"] == "18100"
