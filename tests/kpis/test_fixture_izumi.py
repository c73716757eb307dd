"""The Izumi FY2019 policy: two halves, and marks for funding (区 / 局) and for 重点 / 新規.

The tables below were read off the published policy and not off the fixture.
"""

from tests.kpis.policy_files import (
    assert_halves,
    counts,
    initiatives,
    projects,
    raw,
)

NAME = "14116-2019"

TRUST = "区民の皆さまの信頼に応えます！"
TOGETHER = "区民の皆さまと一緒に、元気の出る泉区をつくります！"

PILLARS = [
    (TRUST, TRUST),
    (TOGETHER, "魅力ある泉区づくり"),
    (TOGETHER, "地域活動の広がるまちづくり"),
    (TOGETHER, "安全・安心なまちづくり"),
    (TOGETHER, "健康と福祉のまちづくり"),
    (TOGETHER, "子育てしやすいまちづくり"),
    (TOGETHER, "信頼される身近な区役所づくり"),
]

# pillar | funding | tag | initiatives | project; "-" for no mark
MARKS = """
a | - | - | 3 | 区民の暮らしを支える確実な業務の実施
a | - | - | 3 | 区民の暮らしを支える財源の確保
a | - | - | 4 | 区民に信頼される区役所づくり
b | ward | 重点 | 1 | 定住・転入促進事業
b | ward | 新規 | 1 | 相鉄・JR直通線開通関連事業
b | ward | - | 1 | いずみ文化振興事業
b | ward | - | 1 | 旧深谷通信所跡地等活用事業
c | ward | 重点 | 2 | 地域力支援事業
c | ward | - | 1 | 多文化共生推進事業
d | ward | 重点 | 1 | 防災対策事業
d | bureau | - | 1 | 災害時要援護者支援事業
d | bureau | - | 1 | 施設の維持管理と整備(道路・河川・下水・公園)
e | ward | 重点 | 2 | 泉区地域包括ケア推進事業
e | ward | - | 1 | 健康づくり活動支援事業
e | ward | - | 1 | 障害児・者社会参加促進支援事業
e | bureau | - | 1 | 地域ケアプラザ整備事業
f | ward | - | 1 | 妊娠から子育て期まで切れ目のない支援充実事業
f | bureau | - | 1 | 母子保健コーディネーターの配置
f | ward | - | 2 | 保育施設・幼稚園等との協働による子育て支援推進事業
f | bureau | - | 1 | 小中一貫校整備事業
g | ward | - | 1 | 窓口案内ボランティア事業
g | ward | 新規 | 1 | 泉区区民意識調査事業
"""


def test_the_whole_policy_is_there(policy):
    assert policy["format"] == "ayumi-policy/1"
    assert policy["ward"] == {"code": "14116", "name": "泉区"}
    assert policy["fiscal_year"] == 2019
    assert policy["title"] == "令和元年度 泉区運営方針"
    assert policy["basic_goal"] == "共感と信頼の泉区政 区民とつくる元気の出る泉区"
    assert counts(policy) == (7, 22, 32, 32)


def test_the_first_half_is_a_pillar_and_the_second_has_six(policy):
    assert [(pillar["group"], pillar["name"]) for pillar in policy["pillars"]] == PILLARS
    assert all(pillar["statement"] for pillar in policy["pillars"])


def test_funding_and_tags_stand_as_marked_project_by_project(policy):
    found = [
        " | ".join(
            [
                pillar["id"],
                project.get("funding", "-"),
                "・".join(project.get("tags", ["-"])),
                str(len(project["initiatives"])),
                project["name"],
            ]
        )
        for pillar in policy["pillars"]
        for project in pillar["projects"]
    ]
    assert found == MARKS.strip().splitlines()


def test_no_mark_is_left_inside_a_name(policy):
    for project in projects(policy):
        assert not project["name"].startswith(("区 ", "局 ", "○"))
        assert not project["name"].endswith(("重点", "新規"))


def test_the_year_begins_in_april_2019_though_reiwa_begins_in_may(policy):
    assert_halves(policy, due=("2019-10-31", "2020-04-30"))


def test_every_initiative_is_followed_by_one_milestone_as_printed(policy):
    for item in initiatives(policy):
        (only,) = item["targets"]
        assert only["measure"] == "milestone"
        assert only["printed"] == item["text"]
        assert "nature" not in only


def test_only_what_names_a_product_or_an_event_can_be_finished(target):
    finished = {place for place, one in target.items() if "done_when" in one}
    assert finished == {
        "p02-t3",  # 新たな事業展開の検討
        "p05-t1",  # イベントを実施
        "p16-t1",  # 建築工事
        "p19-t1",  # 「いずみっこひろば」の開催
        "p20-t1",  # 整備工事
        "p22-t1",  # 調査を実施
    }


def test_an_opening_in_a_later_year_is_no_end_of_this_years_work(target):
    school = target["p20-t1"]
    assert "(令和4年4月開校予定)" in school["printed"]
    assert "令和元年度分" in school["done_when"]
    assert not {"value", "starts_month", "ends_month"} & set(school)


def test_misprints_are_put_right(policy):
    text = raw(NAME).decode("utf-8")
    assert "住みつけたい" not in text
    assert "取り組めます" not in text
    assert "住みつづけたい・住みたい" in policy["preamble"]


def test_the_preamble_keeps_both_openings(policy):
    about, together = policy["preamble"].split("\n")
    assert all(name in about for name in ("相鉄直通運転", "泉ゆめが丘開発", "共感と信頼"))
    assert all(
        name in together
        for name in (TOGETHER, "定住・転入促進", "地域力支援", "防災対策", "地域包括ケア推進")
    )


def test_organisation_ends_with_its_concrete_efforts(policy):
    assert [group["heading"] for group in policy["organisation"]] == [
        "共感と信頼の区政",
        "地域の皆さまとの連携",
        "職員一人ひとりの持つ力の発揮",
        "チーム泉で区政を推進",
        "目標達成に向けた組織運営(具体的取組)",
    ]
    assert {part["heading"]: part["items"] for part in policy["organisation"][-1]["parts"]} == {
        "職員力・チーム力向上": [
            "OJTを中心とした人材育成、職場研修の実施、改革推進委員会の設置",
            "窓口サービスの向上、地域目線の組織運営",
        ],
        "ワークスタイル改善": [
            "ペーパーレスの推進、会議時間の短縮、業務の効率化の推進",
            "ワーク・ライフ・バランスの推進、職員安全衛生委員会の運営",
        ],
    }


def test_the_notes_explain_the_marks_and_where_the_rest_is(policy):
    notes = "\n".join(policy["notes"])
    assert "区…個性ある区づくり推進費で実施する事業" in notes
    assert "局…横浜市の局・統括本部の予算で局・統括本部または区が実施する事業" in notes
    assert "令和元年度泉区個性ある区づくり推進費予算" in notes


def test_nothing_that_the_policy_does_not_print_is_in_it(policy):
    assert not {"sections", "contact", "committee_opinions"} & set(policy)
    for project in projects(policy):
        assert not {"number", "sections"} & set(project)
