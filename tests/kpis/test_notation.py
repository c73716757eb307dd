"""The notation reader on phrases as policies print them.

notation_examples.json holds the expected readings, one phrase a line: ``varied`` (odd spellings and
kinds), ``isogo`` (every initiative of Isogo's policy of fiscal 2020), ``forms`` (how other
municipalities print targets) and ``no_targets`` (numbers that count nothing). In it a ``check`` is
only said to be there, and ``unread`` is true where something is not read.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from kpis.notation import read, words
from kpis.notation.reading import LONGEST

EXAMPLES = json.loads(Path(__file__).with_name("notation_examples.json").read_text("utf-8"))
PHRASES = [example for group in ("varied", "isogo", "forms") for example in EXAMPLES[group]]

POLICY_KEYS = (
    *("id", "label", "printed", "measure", "ongoing", "accumulation", "direction", "value", "of"),
    *("unit", "cumulative", "baseline", "linked_to", "condition", "breakdown", "starts_month"),
    *("ends_month", "nature", "plan"),
)
READER_KEYS = ("approx", "gross", "unique", "per", "deadline", "relative", "range", "check")


def said(target):
    """What the examples say of a target: neither ids nor labels, and no wording of a check."""
    shown = {key: value for key, value in target.items() if key not in ("id", "label")}
    return shown | ({"check": True} if "check" in shown else {})


@pytest.mark.parametrize("example", PHRASES, ids=lambda example: example["text"])
def test_a_printed_phrase_is_read(example):
    reading = read(example["text"])
    assert [said(target) for target in reading.targets] == example["targets"]
    assert (reading.unread is not None) == example.get("unread", False)


@pytest.mark.parametrize("phrase", EXAMPLES["no_targets"])
def test_numbers_that_count_nothing_are_no_targets(phrase):
    assert (read(phrase).targets, read(phrase).unread) == ([], None)


@pytest.mark.parametrize("phrase", EXAMPLES["no_targets"])
def test_a_target_behind_a_name_is_read_all_the_same(phrase):
    targets = read(f"{phrase}の講座\t12回").targets
    assert [(target["value"], target["unit"]) for target in targets] == [("12", "回")]


def test_isogo_has_fifty_targets_with_a_quantity():
    targets = [target for phrase in EXAMPLES["isogo"] for target in phrase["targets"]]
    assert len(targets) == 50
    assert sum("value" not in target for target in targets) == 1  # 4月～7月


def test_the_yearly_and_the_running_total_are_linked():
    yearly, total = read("認知症サポーターの養成 800人（累計18,500人）").targets
    assert yearly == {
        "id": "t1",
        "label": "認知症サポーターの養成",
        "printed": "800人",
        "measure": "number",
        "accumulation": "sum",
        "value": "800",
        "unit": "人",
    }
    assert (total["linked_to"], total["cumulative"], total["accumulation"]) == (
        "t1",
        True,
        "latest",
    )
    assert (total["printed"], total["value"], total["label"]) == (
        "累計18,500人",
        "18500",
        "認知症サポーターの養成",
    )


def test_a_plan_says_how_much_is_due_by_the_end_of_each_period():
    (target,) = read("相談会の開催 上半期3回、下半期2回").targets
    assert (target["value"], target["plan"]) == ("5", {"H1": "3", "H2": "5"})


def test_a_share_that_defines_a_count_is_its_condition():
    (target,) = read("アンケートで70%以上の人が「議論できた」と回答した地区 9地区中5地区").targets
    assert (target["value"], target["of"], target["unit"]) == ("5", "9", "地区")
    assert target["condition"] == "70%以上の人が「議論できた」と回答"


def test_initiatives_on_one_line_keep_their_labels():
    line = "⑤風水害に対する備え\t・土のうステーションの設置 2か所 ・道路のパトロール ５５０回"
    first, second = read(line).targets
    assert (first["label"], first["printed"]) == ("土のうステーションの設置", "2か所")
    assert (second["label"], second["printed"]) == ("道路のパトロール", "５５０回")
    assert (first["id"], second["id"]) == ("t1", "t2")


def test_keys_come_in_the_order_of_the_policy_document():
    for example in PHRASES:
        for target in read(example["text"]).targets:
            keys = [key for key in (*POLICY_KEYS, *READER_KEYS) if key in target]
            assert list(target) == keys


def test_circled_numbers_squares_and_zeros_are_not_mixed_up():
    assert read("①災害時").targets == []
    assert read("緑地 3,000㎡").targets[0]["unit"] == "㎡"
    assert read("○○の推進 ○か所").targets == []
    assert "0か空欄か" in (read("誤送付 〇件").unread or "")


def test_what_is_printed_comes_back_as_it_was_printed():
    (target,) = read("ﾌｫﾛﾜｰ数　５，０００ 人以上（㋿７年度末まで）").targets
    assert target["printed"] == "５，０００ 人以上（㋿７年度末まで）"
    assert (target["value"], target["deadline"]) == ("5000", "2026-03-31")


def test_a_text_that_is_too_long_is_refused_and_a_long_one_is_read():
    assert "20,000字" in (read("1回 " * LONGEST).unread or "")
    assert len(read("講座の実施 1回\n" * (LONGEST // 9)).targets) == LONGEST // 9


@pytest.mark.parametrize(
    "text",
    (
        *("(" * 2000, "()" * 2000, "1回(" * 2000, "(1回" * 2000, "計" * 5000, "9" * 5000),
        *("1," * 2500, "1～" * 2500, "前年度" * 1500, "4月～" * 1500, "1人から" * 1500),
        *("「" * 5000, "一" * 5000, "1回" * 2500),
    ),
)
def test_text_made_to_hurt_is_read_or_refused(text):
    reading = read(text)
    assert reading.unread is None or len(reading.unread) < 20_000


TOKENS = (
    *words.PREFIXES,
    *words.FREQUENCIES,
    *words.SUFFIXES,
    *words.COUNTERS,
    *words.NAME_BEFORE,
    *words.NAME_AFTER,
    *words.EARLIER,
    *words.WHOLE,
    *("1", "２", "30", "1.2万", "一", "〇", "○", "(", ")", "（", "）", "「", "」", "、", "。", " "),
    *(
        "・",
        "\n",
        "〜",
        "-",
        "/",
        "中",
        "のうち",
        "から",
        "→",
        "×",
        "令和",
        "2年度",
        "年",
        "月",
        "日",
    ),
    *("末", "まで", "4月", "㋿", "ﾊﾟｰｾﾝﾄ", "ﾞ", "①", "ゼロ", "倍増", "分の", "割", "現在", "今年度"),
)


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(TOKENS), max_size=14).map("".join))
def test_no_text_breaks_the_reader(text):
    reading = read(text)
    assert json.loads(json.dumps(reading.as_dict())) == reading.as_dict()
    for target in reading.targets:
        assert target["printed"]
        assert target["printed"] in text
        assert set(target) <= {*POLICY_KEYS, *READER_KEYS}
        assert (
            ("value" in target)
            or {"relative", "range", "starts_month", "ends_month"} & set(target)
            or target.get("ongoing")
            or target.get("deadline")
        )


# On the command line ------------------------------------------------------------------------------


def run(*phrases):
    out = StringIO()
    call_command("read_notation", *phrases, stdout=out)
    return json.loads(out.getvalue())


def test_the_command_prints_one_item_a_phrase():
    first, second, third = run("500人（累計14,000人）", "第4期計画の策定", "－")
    assert (first["text"], first["unread"]) == ("500人（累計14,000人）", None)
    assert [target["value"] for target in first["targets"]] == ["500", "14000"]
    assert second == {"text": "第4期計画の策定", "targets": [], "unread": None}
    assert (third["targets"], third["unread"]) == ([], "「-」には目標が書かれていません。")


@pytest.mark.parametrize(("phrases", "says"), [((), "語句がありません"), (("3\udce5回",), "UTF-8")])
def test_the_command_refuses_bad_input_in_a_sentence(phrases, says):
    with pytest.raises(CommandError, match=says):
        run(*phrases)


# Against the policy in fixtures -------------------------------------------------------------------

ISOGO = json.loads(Path("fixtures/policies/14107-2020.json").read_text("utf-8"))
ISOGO_TARGETS = [
    (initiative, target)
    for pillar in ISOGO["pillars"]
    for project in pillar["projects"]
    for initiative in project["initiatives"]
    for target in initiative.get("targets", [])
]


@pytest.mark.parametrize("target", ISOGO_TARGETS, ids=lambda pair: pair[1]["id"])
def test_isogos_targets_are_read_as_a_person_wrote_them_down(target):
    initiative, target = target
    found = read(f"{initiative['text']} {target['printed']}").targets
    if target["measure"] == "milestone" and "starts_month" not in target:
        assert found == []
        return
    keys = ("measure", "accumulation", "value", "of", "unit", "cumulative", "breakdown", "baseline")
    assert [{k: v for k, v in found[0].items() if k in keys}] == [
        {k: v for k, v in target.items() if k in keys}
    ]
