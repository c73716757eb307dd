"""The Kohoku FY2021 policy: four pillars without a single number, so all targets are milestones."""

import pytest

from tests.kpis.policy_files import (
    assert_halves,
    counts,
    initiatives,
    projects,
    raw,
    targets,
)

NAME = "14109-2021"

PROJECTS = {
    "安心して、安全に暮らせるまちづくり": [
        "新型コロナウイルス感染症への対応",
        "災害に強いまちづくり",
        "防犯・交通安全対策の推進",
    ],
    "地域で支えあう福祉・保健のまちづくり": [
        "第4期「ひっとプラン港北」(地域福祉保健計画・地域福祉活動計画)の策定及び推進",
        "子育て支援の充実",
        "高齢者、障害児・者への支援",
        "生活にお困りの方への支援",
    ],
    "活気にあふれるまちづくり": [
        "港北区商店街活性化",
        "ウォーキングから始まる健康づくり",
        "大規模スポーツイベントを契機とした地域まちづくりとレガシー創出",
        "読書活動の推進",
        "港北エコアクションの推進",
    ],
    "協働を進めるまちづくり": [
        "地区担当制などによる協働の推進",
        "共感と信頼の行政の推進",
    ],
}

# Names that the condensed texts must not lose.
NAMES = """
港北AAA(安全で安心な明日を)地域防犯力向上作戦
交通安全 無事故でカエル事業
第4期地域福祉保健計画「ひっとプラン港北」
放課後キッズクラブ
放課後児童クラブ
こども家庭総合支援拠点
区アクションプラン
地域ケアプラザ(地域包括支援センター)
基幹相談支援センター
生活支援センター
樽町地域ケアプラザ綱島分室
ちょいより散歩
新しい生活様式
東京2020大会
図書取次サービス拠点
鶴見川
3R
マイナンバーカード
国民健康保険
国民年金
広報よこはま区版
"""


def test_the_whole_policy_is_there(policy):
    assert policy["format"] == "ayumi-policy/1"
    assert policy["ward"] == {"code": "14109", "name": "港北区"}
    assert policy["fiscal_year"] == 2021
    assert policy["title"] == "令和3年度 港北区 運営方針"
    assert "「ふるさと港北」" in policy["basic_goal"]
    assert "ともに歩む区政" in policy["basic_goal"]
    assert counts(policy) == (4, 14, 18, 18)
    found = {
        pillar["name"]: [project["name"] for project in pillar["projects"]]
        for pillar in policy["pillars"]
    }
    assert found == PROJECTS
    assert list(found) == list(PROJECTS)


def test_due_dates_on_a_weekend_move_to_monday(policy):
    assert_halves(policy, due=("2021-11-01", "2022-05-02"))


def test_every_initiative_can_be_followed_by_one_milestone(policy):
    for item in initiatives(policy):
        (only,) = item["targets"]
        assert only["measure"] == "milestone"
        assert "nature" not in only


def test_only_what_names_a_product_can_be_finished(target):
    finished = {place: one["done_when"] for place, one in target.items() if "done_when" in one}
    assert list(finished) == ["p04-t1", "p05-t1", "p06-t1"]
    assert "ひっとプラン港北" in finished["p04-t1"]
    assert "こども家庭総合支援拠点" in finished["p05-t1"]
    assert "区アクションプラン" in finished["p06-t1"]


def test_headings_of_the_last_pillar_are_initiatives_of_its_last_project(policy):
    items = projects(policy)[-1]["initiatives"]
    assert len(items) == 5
    assert items[1]["text"].startswith("データを活用した政策立案")  # the paragraph without a mark
    assert items[2]["text"].startswith("信頼される行政サービスの提供：")
    assert items[3]["text"].startswith("住民サービスの向上：")


@pytest.mark.parametrize("name", NAMES.strip().splitlines())
def test_no_name_is_lost_where_a_text_is_condensed(policy, name):
    assert any(name in item["text"] for item in initiatives(policy))
    assert any(name in target["printed"] for target in targets(policy))


def test_organisation_keeps_its_levels(policy):
    guide, base = policy["organisation"]
    assert guide["heading"] == "行動指針"
    assert [part["heading"] for part in guide["parts"]] == [
        "区民の皆様によりそう",
        "協働と共創",
        "チーム力で応える",
    ]
    assert base["heading"] == "ベースとなる職員・職場の力"
    heads = {
        part["heading"]: [item.split("：")[0] for item in part["items"]] for part in base["parts"]
    }
    assert heads == {
        "職員の力": ["聴く力", "考える力", "学ぶ力", "行動する力", "伝える力"],
        "職場の力": ["おもてなしの職場", "助け合う職場", "創造する職場", "スマートな職場"],
    }


def test_misprints_are_put_right_and_a_likely_one_is_said_so(policy):
    text = raw(NAME).decode("utf-8")
    assert "ひつとプラン" not in text
    assert "区民に「伝わる」よう" in text
    assert any("「伝わる」" in note and "「伝える」" in note for note in policy["notes"])


def test_both_spellings_of_a_pillars_name_can_be_found(policy):
    notes = "\n".join(policy["notes"])
    assert "安心して暮らせるまちづくり" in notes
    assert "協働で進めるまちづくり" in notes


def test_nothing_that_the_policy_does_not_print_is_in_it(policy):
    assert not {"sections", "contact", "preamble", "committee_opinions"} & set(policy)
    assert "区長" not in raw(NAME).decode("utf-8")
