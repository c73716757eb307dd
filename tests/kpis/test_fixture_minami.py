"""The Minami FY2022 policy: six pillars in words, a contact, and a goal for each of 14 sections.

The tables below were read off the published policy and not off the fixture.
"""

import pytest

from tests.kpis.policy_files import (
    assert_halves,
    counts,
    initiatives,
    projects,
    raw,
)

NAME = "14105-2022"

PROJECTS = {
    "減災": [
        "防災・減災意識の向上",
        "自助・共助対策の支援",
        "災害時要援護者支援の推進",
        "防災拠点の運営強化",
    ],
    "賑わい": [
        "区民に親しまれるまつりの開催",
        "区民スポーツ活動の支援",
        "魅力発信・賑わいづくり",
        "商店街活性化",
    ],
    "健やか": [
        "地域福祉保健計画、「地域包括ケアシステムの構築に向けた南区アクションプラン」の推進",
        "健康づくりの推進",
        "自殺対策",
        "障害者への理解促進、支援の充実",
        "地域における介護予防の取組",
        "認知症の早期対応、見守り支援",
    ],
    "子ども": [
        "子ども家庭総合支援拠点機能の充実",
        "子育て情報の提供",
        "保育所、幼稚園など保育・教育サービスの確保",
        "児童虐待予防",
        "生活・学習への支援",
        "子どもの様々な居場所づくり",
    ],
    "地域の力": [
        "「地域の力」応援",
        "地区懇談会の開催支援",
        "地域支援チーム",
        "新たなつながり・活動スタイルづくり支援",
        "地域活動の人材づくり支援",
        "道路低木植樹帯の維持管理支援",
    ],
    "着実に取り組む事業・業務": [
        "安全・安心の取組",
        "ヨコハマ3R夢プランと街の美化の推進",
        "多文化共生の推進",
        "健康危機管理の推進",
        "丁寧な広聴・効果的な広報等の実施",
        "生活困窮者自立支援制度の推進",
        "未収債権回収の取組",
        "個人情報の適正管理",
        "ICTを活用した窓口サービス向上",
        "脱炭素行動の普及啓発",
    ],
}

# section | department ("-" where the policy and the city's regulation name none)
SECTIONS = """
総務課 | 総務部
区政推進課 | 総務部
地域振興課 | 総務部
戸籍課 | 総務部
税務課 | 総務部
区会計室 | 総務部
福祉保健課 | 福祉保健センター
生活衛生課 | 福祉保健センター
高齢・障害支援課 | 福祉保健センター
こども家庭支援課 | 福祉保健センター
市立保育園 しろばら、永田、井土ヶ谷 | -
生活支援課 | 福祉保健センター
保険年金課 | 福祉保健センター
南土木事務所 | 土木事務所
"""

# Names and figures that stand in sentences, and that a condensed sentence must not lose.
KEPT = {
    "区政推進課": ["広報よこはま南区版", "区制80周年"],
    "地域振興課": ["「共感と信頼」", "「横のつながり」", "区制80周年", "ICT"],
    "戸籍課": ["マイナンバー"],
    "福祉保健課": ["第4期地域福祉保健計画", "民生委員", "保健活動推進員", "食生活等改善推進員"],
    "生活支援課": ["生活困窮者自立支援制度", "生活保護制度"],
    "保険年金課": ["国民健康保険特定健診", "外国語版の案内リーフレット", "医師会"],
    "南土木事務所": [
        "土のうステーション",
        "大岡川沿いのプロムナード",
        "公園愛護会",
        "ハマロードサポーター",
    ],
}


def test_the_whole_policy_is_there(policy):
    assert policy["format"] == "ayumi-policy/1"
    assert policy["ward"] == {"code": "14105", "name": "南区"}
    assert policy["fiscal_year"] == 2022
    assert policy["title"] == "令和4年度 南区運営方針"
    assert counts(policy) == (6, 36, 39, 39)
    found = {
        pillar["name"]: [project["name"] for project in pillar["projects"]]
        for pillar in policy["pillars"]
    }
    assert found == PROJECTS
    assert list(found) == list(PROJECTS)
    assert all(pillar["statement"] for pillar in policy["pillars"])


def test_three_projects_have_a_second_initiative(policy):
    twice = [p["name"] for p in projects(policy) if len(p["initiatives"]) == 2]
    assert twice == [
        "健康づくりの推進",
        "障害者への理解促進、支援の充実",
        "保育所、幼稚園など保育・教育サービスの確保",
    ]


def test_the_second_half_is_due_on_monday_since_30_april_is_a_sunday(policy):
    assert_halves(policy, due=("2022-10-31", "2023-05-01"))


def test_every_initiative_can_be_followed_by_one_milestone(policy):
    for item in initiatives(policy):
        (only,) = item["targets"]
        assert only["measure"] == "milestone"
        assert "nature" not in only


def test_only_what_names_a_product_or_an_event_can_be_finished(target):
    finished = {place for place, one in target.items() if "done_when" in one}
    assert finished == {
        "p03-t1",  # 要援護者名簿の提供
        "p04-t1",  # 外国語翻訳端末の整備
        "p05-t1",  # まつりの開催
        "p06-t1",  # スポーツイベントの開催
        "p16-t1",  # リーフレット、マップの作成
        "p17-t1",  # 入所枠拡大
        "p36-t1",  # 照明の省エネ改修
    }


@pytest.mark.parametrize(
    ("place", "phrase"),
    [
        ("p13-t1", "お元気で21健診"),
        ("p17-t1", "待機児童ゼロを目指した"),
        ("p28-t1", "3R夢啓発活動"),
    ],
)
def test_a_figure_inside_a_name_is_no_target(target, place, phrase):
    assert phrase in target[place]["printed"]
    assert not {"value", "of", "unit"} & set(target[place])


def test_misprints_are_put_right_and_the_likely_one_is_said_so(policy, target):
    text = raw(NAME).decode("utf-8")
    assert policy["basic_goal"] == "区民の皆さまとの協働のもとで 「あったかい」南区をつくります"
    assert "あつたかい" not in text
    assert "「地域包括ケアシステム」の構築" not in text

    assert initiatives(policy)[18]["text"] == "待機児童ゼロを目指した保育・教育施設の入所枠拡大"
    assert target["p17-t1"]["printed"] == "待機児童ゼロを目指した保育・教育施設の入居拡大"
    assert any("「入居拡大」" in note for note in policy["notes"])


def test_every_other_phrase_is_printed_as_the_initiative_says(policy):
    for item in initiatives(policy):
        (only,) = item["targets"]
        assert only["id"] == "p17-t1" or only["printed"] == item["text"]


def test_fourteen_sections_have_a_goal(policy):
    rows = [(s["name"], s.get("department", "-")) for s in policy["sections"]]
    assert rows == [tuple(line.split(" | ")) for line in SECTIONS.strip().splitlines()]
    assert len(rows) == 14
    assert all(section["goal"].endswith("。") for section in policy["sections"])


@pytest.mark.parametrize("section", KEPT)
def test_no_name_is_lost_where_a_goal_is_condensed(policy, section):
    goal = next(s["goal"] for s in policy["sections"] if s["name"] == section)
    assert [name for name in KEPT[section] if name not in goal] == []


def test_the_preamble_keeps_the_four_emphases_and_the_anniversary(policy):
    for name in ("「減災」", "「賑わい」", "「健やか」", "「子ども」", "令和5年12月の区制80周年"):
        assert name in policy["preamble"]


def test_organisation_and_its_note(policy):
    assert [group["heading"] for group in policy["organisation"]] == [
        "目標達成に向けた組織運営",
        "区役所全体のチーム力を生かした運営",
        "様々な担い手との協働",
    ]
    assert all(group["text"] for group in policy["organisation"])
    assert policy["notes"][0].startswith("※ 「心理的安全性」とは")


def test_the_office_to_ask_is_named(policy):
    assert policy["contact"].splitlines() == [
        "南区区政推進課企画調整係 (区庁舎6階64番窓口)",
        "電話 : 045-341-1232",
        "FAX : 045-341-1240",
    ]


def test_nothing_that_the_policy_does_not_print_is_in_it(policy):
    assert "committee_opinions" not in policy
    for project in projects(policy):
        assert not {"number", "tags", "funding", "sections"} & set(project)
