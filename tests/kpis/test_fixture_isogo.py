"""The Isogo FY2020 policy: the only one of the five with numbers in it, so each number is listed.

The tables below were read off the published policy, project by project, and not off the fixture.
"""

from tests.kpis.policy_files import (
    assert_halves,
    counts,
    initiatives,
    projects,
    raw,
)

NAME = "14107-2020"

# id, the printed phrase | measure, accumulation, value (n/m for a ratio), unit
QUANTITIES = """
p01-t1 区内全戸 | percentage latest 100 %
p02-t1 30回 | number sum 30 回
p02-t2 15回 | number sum 15 回
p03-t1 10団体 | number sum 10 団体
p03-t2 3団体 | number sum 3 団体
p04-t1 区内全21拠点 | ratio sum 21/21 拠点
p04-t2 5拠点 | number sum 5 拠点
p04-t3 17回 | number sum 17 回
p05-t1 2か所 | number sum 2 か所
p05-t2 550回 | number sum 550 回
p07-t1 幼稚園・保育園：49園中33園 | ratio sum 33/49 園
p07-t2 小学校：全校(16校) | ratio sum 16/16 校
p07-t3 2回 | number sum 2 回
p07-t4 35回 | number sum 35 回
p08-t1 25回 | number sum 25 回
p10-t1 9地区中5地区 | ratio sum 5/9 地区
p11-t1 累計35人 | number latest 35 人
p13-t2 来場者満足度90% | percentage latest 90 %
p14-t1 6回 | number sum 6 回
p14-t2 1回 | number sum 1 回
p15-t1 1回 | number sum 1 回
p16-t3 14回 | number sum 14 回
p17-t1 1か所 | number sum 1 か所
p17-t2 10回 | number sum 10 回
p18-t2 1回 | number sum 1 回
p18-t3 1回 | number sum 1 回
p20-t1 計8回（4エリア各2回） | number sum 8 回
p20-t2 1回 | number sum 1 回
p20-t3 1回 | number sum 1 回
p20-t4 1会場15人 | number sum 15 人
p20-t5 2回計15人 | number sum 15 人
p21-t1 6エリア計14回 | number sum 14 回
p23-t1 3か所計273回 | number sum 273 回
p23-t2 1か所46回 | number sum 46 回
p25-t1 500人 | number sum 500 人
p25-t2 累計14,000人 | number latest 14000 人
p26-t1 800人 | number sum 800 人
p26-t2 累計18,500人 | number latest 18500 人
p27-t1 26か所 | number latest 26 か所
p27-t2 3回 | number sum 3 回
p28-t1 15回 | number sum 15 回
p29-t1 5回 | number sum 5 回
p30-t1 93事業 | number sum 93 事業
p31-t1 12回 | number sum 12 回
p31-t2 7回 | number sum 7 回
p32-t1 30施設 | number sum 30 施設
p32-t2 3か所 | number sum 3 か所
p32-t3 9地区 | number sum 9 地区
p33-t1 2件 | number sum 2 件
"""

SEASON = "p16-t1"

ONGOING = {
    "p05-t3": "避難行動の啓発、避難場所における支援の充実",
    "p07-t5": "要望を受けた通学路の要対策箇所への対応",
    "p12-t1": "自治会町内会の活動支援の取組の充実"
    "（活動案内冊子や多言語版を含む加入申込書の配布、講習会の実施等）",
    "p16-t2": "区庁舎前 花時計の継続設置",
    "p19-t1": "にぎわいづくりに向けた関係者との協議",
    "p22-t1": "保育・教育コンシェルジュによる丁寧な相談対応や積極的な情報提供",
    "p24-t1": "よこはま南部ユースプラザの就労体験プログラムの充実",
}

DONE_ONCE = {
    "p06-t1": "浸水想定箇所への浸水対策工事の実施",
    "p09-t1": "管理不全空家の全数調査及び結果に基づいた指導の実施",
    "p13-t1": "区の魅力を伝えるプロモーションパンフレットの作成及びホームページでの発信",
    "p18-t1": "食品ロス削減の推進及び区民意識の向上のためのフードドライブ窓口の開設",
    "p30-t2": "第4期磯子区地域福祉保健計画の策定",
    "p32-t4": "わくわくルートの整備（岡村天満宮前～岡村三殿台公園）",
    "p34-t1": "全ての窓口で利用可能な音声翻訳機の配備",
}


def test_the_whole_policy_is_there(policy):
    assert policy["format"] == "ayumi-policy/1"
    assert policy["ward"] == {"code": "14107", "name": "磯子区"}
    assert policy["fiscal_year"] == 2020
    assert policy["title"] == "令和2年度 磯子区 運営方針"
    assert policy["basic_goal"] == "地域の皆さまとともにつくる 笑顔あふれるまち・いそご"
    assert counts(policy) == (3, 34, 61, 64)
    assert [(pillar["name"], len(pillar["projects"])) for pillar in policy["pillars"]] == [
        ("安全・安心なまち", 9),
        ("魅力あふれるまち", 10),
        ("ともに支えあう暮らしやすいまち", 15),
    ]


def test_the_31_october_that_is_a_saturday_moves_to_monday(policy):
    assert_halves(policy, due=("2020-11-02", "2021-04-30"))


def test_printed_numbers_are_kept_with_19_standing_twice(policy):
    labels = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝"
    assert "".join(project["number"] for project in projects(policy)) == labels
    assert [project["name"] for project in projects(policy) if project["number"] == "⑲"] == [
        "磯子駅周辺のまちづくりの検討",
        "保護者の悩みに寄り添った子育て支援",
    ]


def test_every_quantity_is_read_as_it_is_meant(target):
    expected = {}
    for row in QUANTITIES.strip().splitlines():
        place, rest = row.split(" ", 1)
        printed, reading = rest.split(" | ")
        expected[place] = (printed, reading)
    found = {
        place: (
            one["printed"],
            f"{one['measure']} {one['accumulation']} "
            f"{'/'.join([one['value'], *([one['of']] if 'of' in one else [])])} {one['unit']}",
        )
        for place, one in target.items()
        if one["measure"] != "milestone"
    }
    assert found == expected
    assert len(found) == 49  # 48 with a number, and 区内全戸; the fiftieth quantity is a season


def test_every_household_is_a_percentage_that_starts_from_nothing(target):
    bandana = target["p01-t1"]
    assert (bandana["value"], bandana["unit"], bandana["baseline"]) == ("100", "%", "0")
    assert [place for place, one in target.items() if "baseline" in one] == ["p01-t1"]


def test_running_totals_follow_from_their_yearly_partner(target):
    totals = {place: one.get("linked_to") for place, one in target.items() if "cumulative" in one}
    assert totals == {"p11-t1": None, "p25-t2": "p25-t1", "p26-t2": "p26-t1"}


def test_conditions_and_breakdowns_stay_with_their_target(target):
    assert {place: one["condition"] for place, one in target.items() if "condition" in one} == {
        "p10-t1": "参加者アンケートで70%以上の人が「地域課題について議論できた」と回答"
    }
    assert {place: one["breakdown"] for place, one in target.items() if "breakdown" in one} == {
        "p20-t1": "4エリア各2回",
        "p20-t4": "1会場",
        "p20-t5": "2回",
        "p21-t1": "6エリア",
        "p23-t1": "3か所",
        "p23-t2": "1か所",
    }


def test_only_work_bound_to_a_season_has_months(target):
    months = {
        place: (one["starts_month"], one["ends_month"])
        for place, one in target.items()
        if "starts_month" in one
    }
    assert months == {SEASON: (4, 7), "p32-t1": (10, 10)}
    assert target[SEASON]["measure"] == "milestone"
    assert target[SEASON]["printed"] == "4月～7月"


def test_fourteen_milestones_carry_no_number(target):
    milestones = {
        place: one
        for place, one in target.items()
        if one["measure"] == "milestone" and place != SEASON
    }
    assert len(milestones) == 14
    printed = {place: one["printed"] for place, one in milestones.items()}
    assert printed == ONGOING | DONE_ONCE
    assert {place for place, one in milestones.items() if one.get("ongoing")} == set(ONGOING)


def test_outcomes_are_those_that_residents_answer_or_carry_on(target):
    outcomes = {place for place, one in target.items() if one.get("nature") == "outcome"}
    assert outcomes == {"p10-t1", "p11-t1", "p13-t2"}
    assert target["p05-t2"]["nature"] == "activity"


def test_nothing_that_the_policy_does_not_print_is_in_it(policy, target):
    assert "sections" not in policy
    assert not any("sections" in project for project in projects(policy))
    assert not any("section" in one for one in target.values())


def test_certain_misprints_are_put_right_and_guesses_stand_with_a_note(policy):
    text = "\n".join(item["text"] for item in initiatives(policy))
    assert "バンダナの配布" in text and "ハンダナ" not in text
    assert "新たに取組を実施する" in text and "取り組を" not in text
    assert "土のうステーションの設置" in text and "防災士" not in text
    assert "怒鳴らない" not in text and "障害福祉事業所" not in text
    notes = "\n".join(policy["notes"])
    for phrase in ("防災士のステーション", "怒らない子育て", "障害事業所", "⑲", "新型コロナ"):
        assert phrase in notes


def test_sub_headings_stand_before_the_first_initiative_below_them(policy):
    headed = [item["id"] for item in initiatives(policy) if item["text"].startswith("<")]
    assert headed == ["p20-i2", "p32-i1"]


def test_organisation_keeps_its_three_headings_with_their_concrete_efforts(policy):
    shape = [
        (group["heading"], len(group["items"]), [len(part["items"]) for part in group["parts"]])
        for group in policy["organisation"]
    ]
    assert shape == [
        ("確実な業務執行", 4, [4]),
        ("信頼される区役所", 4, [4]),
        ("職員が能力を発揮できる組織", 3, [5]),
    ]


def test_the_committees_opinion_is_on_the_year_before(policy):
    (opinion,) = policy["committee_opinions"]
    assert list(opinion) == [
        "on_fiscal_year",
        "dated",
        "committee",
        "members",
        "purpose",
        "points",
    ]
    assert (opinion["on_fiscal_year"], opinion["dated"]) == (2019, "2020-03")
    assert opinion["committee"] == "磯子区事業評価委員会"
    assert len(opinion["points"]) == 9


def test_the_ward_head_is_not_named():
    assert "区長" not in raw(NAME).decode("utf-8")
