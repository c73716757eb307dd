"""The results document of a small ward: as JSON, as CSV rows and as a table."""

import csv
import io
import json
from dataclasses import replace

import pytest

from kpis.achievement import Status
from kpis.results import (
    COLUMNS,
    Caption,
    Scope,
    csv_rows,
    csv_text,
    json_text,
    results_document,
    table_text,
    width,
)
from tests.kpis.examples import example

SCOPE = Scope("14107", "磯子区", 2020, "H1", ("a", "b"), ("p05", "p19", "p30"))
CAPTIONS = {
    "patrols": Caption("道路・公園などのパトロール", "回"),
    "supporters": Caption("認知症サポーター（累計）", "人"),
    "plan": Caption("=HYPERLINK計画の策定", ""),
    "waste": Caption("ごみ量", "t"),
}


def line(key, target, entries, project, pillar):
    case = example(target, entries, key=key)
    return replace(case.target, project=project, pillar=pillar), replace(case.at("H1"), key=key)


@pytest.fixture
def judged():
    return [
        line("patrols", "400 sum revised=2020-07-01:550", "H1 275~", "p05", "a"),
        line("supporters", "14000 latest cumulative B=13500", "H1 13700", "p19", "b"),
        line("plan", "milestone", "H1 under_way", "p19", "b"),
        line("waste", "≤10 sum", "H1 -0.5", "p05", "a"),
        line("survey", "90% latest", "H1 pending", "p05", "a"),
        line("walks", "100 sum plan=Q1:10", "–", "p05", "a"),
    ]


def test_the_document_has_its_keys_in_the_published_order(judged):
    document = results_document(SCOPE, judged)
    assert list(document) == ["format", "ward", "fiscal_year", "period", "targets", "rollup"]
    assert document["format"] == "ayumi-results/1"
    assert document["ward"] == {"code": "14107", "name": "磯子区"}
    assert (document["fiscal_year"], document["period"]) == (2020, "H1")
    assert list(document["rollup"]) == ["ward", "pillars", "projects"]


def test_a_revised_target_shows_its_original(judged):
    assert results_document(SCOPE, judged)["targets"][0] == {
        "id": "patrols",
        "to_date": "275",
        "rate": "68.8",
        "overall_rate": None,
        "expected": "200",
        "pace": "137.5",
        "status": "on_track",
        "original": {"value": "550", "rate": "50.0"},
    }


def test_a_cumulative_total_shows_both_rates(judged):
    row = results_document(SCOPE, judged)["targets"][1]
    assert (row["rate"], row["overall_rate"], row["expected"], row["pace"]) == (
        "40.0",
        "97.9",
        "13750",
        "80.0",
    )
    assert "original" not in row
    assert "stage" not in row


def test_a_milestone_has_a_stage_and_no_figures(judged):
    row = results_document(SCOPE, judged)["targets"][2]
    assert row["stage"] == "under_way"
    assert [row[key] for key in ("to_date", "rate", "overall_rate", "expected", "pace")] == [
        None
    ] * 5
    untouched = results_document(SCOPE, [line("m", "milestone", "–", "p19", "b")])["targets"][0]
    assert untouched["stage"] is None


def test_the_rollups_are_by_id_and_add_up(judged):
    rollup = results_document(SCOPE, judged)["rollup"]
    assert list(rollup["pillars"]) == ["a", "b"]
    assert list(rollup["projects"]) == ["p05", "p19", "p30"]
    assert list(rollup["ward"]["counts"]) == [status.value for status in Status]
    for group in ("pillars", "projects"):
        for name in ("achieved", "judged", "entered", "due", "mean_of"):
            assert sum(some[name] for some in rollup[group].values()) == rollup["ward"][name]
    assert rollup["projects"]["p30"]["mean_rate"] is None
    assert rollup["projects"]["p30"]["due"] == 0
    assert rollup["pillars"]["b"]["by_nature"] == {
        "activity": {"mean_rate": None, "mean_of": 0},
        "outcome": {"mean_rate": None, "mean_of": 0},
        "unsaid": {"mean_rate": "40.0", "mean_of": 1},
    }


def test_json_is_readable_japanese_and_ends_with_a_line(judged):
    text = json_text(results_document(SCOPE, judged))
    assert "磯子区" in text
    assert text.endswith("}\n")
    assert json.loads(text) == results_document(SCOPE, judged)


def read_csv(judged):
    text = csv_text(csv_rows(SCOPE, judged, CAPTIONS))
    return text, list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_row_a_target_and_keeps_blank_and_zero_apart(judged):
    judged = [*judged, line("zero", "5 sum", "H1 0", "p05", "a")]
    text, rows = read_csv(judged)
    assert [row["id"] for row in rows] == [target.key for target, _ in judged]
    assert tuple(rows[0]) == COLUMNS
    by_id = {row["id"]: row for row in rows}
    assert (by_id["zero"]["to_date"], by_id["zero"]["rate"]) == ("0", "0.0")
    assert (by_id["walks"]["to_date"], by_id["walks"]["rate"]) == ("", "")
    assert (by_id["survey"]["missing"], by_id["survey"]["status"]) == ("pending", "not_judged")
    assert (by_id["patrols"]["certainty"], by_id["waste"]["certainty"]) == ("provisional", "final")
    assert (by_id["patrols"]["original_value"], by_id["patrols"]["unit"]) == ("550", "回")
    assert "\r\n" in text


def test_no_csv_cell_runs_as_a_formula_and_negative_figures_stay_figures(judged):
    _, rows = read_csv(judged)
    by_id = {row["id"]: row for row in rows}
    assert by_id["plan"]["label"] == "'=HYPERLINK計画の策定"
    assert by_id["waste"]["to_date"] == "-0.5"


def test_full_width_formulas_do_not_run_either(judged):
    captions = {"plan": Caption(label="＝1+1", unit="-5")}
    rows = list(csv.DictReader(io.StringIO(csv_text(csv_rows(SCOPE, judged, captions)))))
    (plan,) = (row for row in rows if row["id"] == "plan")
    assert (plan["label"], plan["unit"]) == ("'＝1+1", "-5")


def test_no_text_of_a_policy_commands_the_terminal(judged):
    captions = {"plan": Caption(label="計画\x9b2J\x1b[31m　策定", unit="回\n\t")}
    told = table_text(SCOPE, judged, captions)
    assert "計画 2J [31m　策定" in told
    assert all(char.isprintable() or char in "\n　" for char in told)
    assert len(told.splitlines()) == len(table_text(SCOPE, judged, CAPTIONS).splitlines())


def test_the_table_lines_up_where_characters_are_twice_as_wide(judged):
    lines = table_text(SCOPE, judged, CAPTIONS).splitlines()
    rule = next(i for i, text in enumerate(lines) if text.startswith("---"))
    status_at = width(lines[rule - 1].partition("状況")[0])
    for text, name in zip(
        lines[rule + 1 : rule + 7],
        ("順調", "やや遅れ", "順調", "順調", "これから", "未入力"),
        strict=True,
    ):
        assert text.endswith(name)
        assert width(text.removesuffix(name)) == status_at


def test_the_table_says_what_stands_beside_a_figure(judged):
    text = table_text(SCOPE, judged, CAPTIONS)
    assert "275 見" in text
    assert "枠内" in text
    assert "実施中" in text
    assert "集計中" in text
    assert "400回" in text
    assert "見: 見込の値を含む" in text
    assert "区全体" in text


def test_the_table_speaks_english_and_the_names_of_the_policy(judged):
    text = table_text(SCOPE, judged, CAPTIONS, lang="en", names={"on_track": "Going well"})
    assert "Going well" in text
    assert "Within the allowance" in text
    assert "Whole ward" in text
    assert "順調" not in text
