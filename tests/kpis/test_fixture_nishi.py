"""The Nishi FY2022 policy: its projects are sentences, and so are its initiatives.

Project names stand as printed; an initiative stands condensed, and its target keeps the words
of the pledge. The tables below were read off the published policy and not off the fixture.
"""

import pytest

from tests.kpis.policy_files import (
    assert_halves,
    counts,
    initiatives,
    projects,
    raw,
)

NAME = "14103-2022"

# pillar | printed number | initiatives | project
PROJECTS = """
地域のつながりづくり | 1 | 3 | 「にこやか しあわせ 暮らしのまちプラン」第4期計画を推進し、\
地域の皆さまとともに課題解決に取り組みます
地域のつながりづくり | 2 | 1 | 地域活動を支援し、協働によるまちづくりを進めます
地域のつながりづくり | 3 | 2 | 「学び」の機会や実践する場をつくるとともに、\
地域の「つながり」の輪を広げる支援を行います
いきいきと健やかに暮らせるまちづくり | 1 | 3 | 妊娠期から学齢期までの\
切れ目のない子育て支援を行います
いきいきと健やかに暮らせるまちづくり | 2 | 2 | 高齢者が住み慣れた地域で自分らしく\
暮らし続けられるよう取り組みます
いきいきと健やかに暮らせるまちづくり | 3 | 3 | 障害のある人も住みやすい環境づくりを進めます
いきいきと健やかに暮らせるまちづくり | 4 | 2 | 健康づくり活動の支援や健康情報の啓発に取り組みます
まちの回遊性向上とにぎわいづくり | 1 | 1 | 地域資源を活用して、回遊性向上に取り組みます
まちの回遊性向上とにぎわいづくり | 2 | 2 | 商店街等と連携したイベントを実施し、\
地域経済の活性化を図ります
まちの回遊性向上とにぎわいづくり | 3 | 1 | 西区民まつりを通じて、地域の活性化を図ります
まちの回遊性向上とにぎわいづくり | 4 | 1 | 伝統文化に触れあう機会を創出し、地域交流を促進します
まちの回遊性向上とにぎわいづくり | 5 | 1 | まちの緑化を通じて地域のつながりづくりを進めます
まちの回遊性向上とにぎわいづくり | 6 | 2 | 区内の企業・団体と連携し、\
地域課題解決やSDGsの推進を図ります
まちの回遊性向上とにぎわいづくり | 7 | 1 | 多様な手段を活用し、広報機能を充実します
安全・安心なまちづくり | 1 | 2 | 地域・区本部の防災機能の強化とともに、自助・共助の取組を進めます
安全・安心なまちづくり | 2 | 1 | 感染症予防等に関する情報発信等に取り組みます
安全・安心なまちづくり | 3 | 1 | まちの交通安全対策を関係機関とともに推進します
安全・安心なまちづくり | 4 | 1 | 地域の防犯力の強化に向け、防犯啓発活動等に取り組みます
安全・安心なまちづくり | 5 | 2 | 体験講座や清掃活動等を通じて環境問題に取り組みます
"""

# section | department ("-" where the policy and the city's regulation name none)
SECTIONS = """
総務課 | 総務部
税務課 | 総務部
こども家庭支援課 | 福祉保健センター
戸籍課 | 総務部
西土木事務所 | 土木事務所
区政推進課 | 総務部
区会計室 | 総務部
福祉保健課 | 福祉保健センター
保険年金課 | 福祉保健センター
南浅間保育園 | -
地域振興課 | 総務部
高齢・障害支援課 | 福祉保健センター
生活衛生課 | 福祉保健センター
生活支援課 | 福祉保健センター
"""

# Names that stand in the sentences of the initiatives and that condensing must not lose.
NAMES = """
第4期計画
「にこまちフォーラム」
ICTツール
にしく市民活動支援センター
総合的な学習
地域人材ボランティア
「プレパママクラス」
南浅間保育園
3歳児健診
臨床心理士
地域包括ケアシステムの構築に向けた西区アクションプラン
「ころばんよ体操」
YouTube
地域防災拠点
非常用電源機器
マンスリーマンション
新しい生活様式
ガーデンネックレス横浜
「温故知新のみち」
スタンプラリー
「商店街食べ歩き～名店・老舗めぐり～」
「西区おいしいおみせ(仮称)」
西区民まつり
「西区虫の音を聞く会」
「横浜かもんやま能」
藤の花の再生
神奈川大学
デジタルサイネージ
SDGs
西区YouTubeチャンネル
感震ブレーカー
崖地に関する相談会
CO₂モニター
「見える化」
スクールゾーン対策
特殊詐欺
青色パトロール
食品ロス
「出前教室」
「清潔できれいな街づくり」
"""

CAPTIONS = [
    "第4期計画概要版・地区別計画リーフレット",
    "地域のICT講習会の開催",
    "プレパママクラスの様子",
    "「おげんき活動応援団」の活動",
    "スタンプラリー・食べ歩き冊子",
    "SDGsパネル展の開催",
    "地域防災拠点での訓練",
    "交通安全・防犯教室の開催",
]


def test_the_whole_policy_is_there(policy):
    assert policy["format"] == "ayumi-policy/1"
    assert policy["ward"] == {"code": "14103", "name": "西区"}
    assert policy["fiscal_year"] == 2022
    assert policy["title"] == "令和4年度 西区運営方針"
    assert counts(policy) == (4, 19, 32, 32)


def test_printed_numbers_begin_again_in_each_pillar(policy):
    found = [
        f"{pillar['name']} | {project['number']} | {len(project['initiatives'])} | "
        + project["name"]
        for pillar in policy["pillars"]
        for project in pillar["projects"]
    ]
    assert found == PROJECTS.strip().splitlines()


def test_the_second_half_is_due_on_monday_since_30_april_is_a_sunday(policy):
    assert_halves(policy, due=("2022-10-31", "2023-05-01"))


def test_every_initiative_can_be_followed_by_one_milestone(policy):
    for item in initiatives(policy):
        (only,) = item["targets"]
        assert only["measure"] == "milestone"
        assert not item["text"].endswith("。")
        assert "nature" not in only


def test_only_what_names_a_product_or_an_event_can_be_finished(target):
    finished = {place for place, one in target.items() if "done_when" in one}
    assert finished == {
        "p01-t2",  # 「にこまちフォーラム」を開催
        "p04-t1",  # 開催回数を拡充
        "p09-t1",  # スタンプラリー、食べ歩きを開催
        "p09-t2",  # 冊子を作成
        "p10-t1",  # 開催方法の検討
        "p11-t1",  # 開催方法の検討
    }


@pytest.mark.parametrize(("place", "phrase"), [("p01-t1", "第4期"), ("p04-t3", "3歳児健診")])
def test_a_figure_inside_a_name_is_no_target(target, place, phrase):
    assert phrase in target[place]["printed"]
    assert not {"value", "of", "unit"} & set(target[place])


@pytest.mark.parametrize("name", NAMES.strip().splitlines())
def test_no_name_is_lost_where_an_initiative_is_condensed(policy, name):
    assert any(name in item["text"] for item in initiatives(policy))


def test_captions_of_photographs_are_a_note_and_no_initiatives(policy):
    (note,) = [note for note in policy["notes"] if note.startswith("掲載写真：")]
    assert note.removeprefix("掲載写真：").split("、") == CAPTIONS
    assert not set(CAPTIONS) & {item["text"] for item in initiatives(policy)}


def test_misprints_are_put_right(policy):
    text = raw(NAME).decode("utf-8")
    assert policy["basic_goal"] == ("つながりを大切に 誰もがにこやか しあわせにくらせるまち 西区へ")
    for misprint in (
        "にこやかにあわせに",
        "取り組めます",
        "つくとともに",
        "取組ほか",
        "お迎えます",
    ):
        assert misprint not in text
    assert "取組のほか" in text
    assert "温かくお迎えします" in policy["organisation"][0]["text"]


def test_sections_have_their_right_names_and_the_printed_ones_are_said(policy):
    rows = [(s["name"], s.get("department", "-")) for s in policy["sections"]]
    assert rows == [tuple(line.split(" | ")) for line in SECTIONS.strip().splitlines()]
    assert len(rows) == 14
    assert all(section["goal"].endswith("。") for section in policy["sections"])
    assert any("「子ども家庭支援課」「高齢障害支援課」" in note for note in policy["notes"])


def test_the_two_policies_across_all_pillars_close_the_preamble(policy):
    paragraphs = policy["preamble"].split("\n")
    assert len(paragraphs) == 5
    assert paragraphs[3].startswith("新型コロナウイルス感染症対策のさらなる強化：")
    assert paragraphs[4].startswith("デジタル技術の活用によるDXの推進：")
    assert "第4期計画" in paragraphs[1]
    assert any(note.startswith("地域のDX…") for note in policy["notes"])


def test_organisation_and_the_offices_beside_the_ward(policy):
    assert [group["heading"] for group in policy["organisation"]] == [
        "お客様の立場に立った窓口サービスの提供",
        "デジタル区役所の実現に向けた取組",
        "『チーム西区役所』の強化",
    ]
    assert any("資源循環局 西事務所や西消防署" in note for note in policy["notes"])
    assert any("親しみやすい区役所づくり" in note for note in policy["notes"])


def test_nothing_that_the_policy_does_not_print_is_in_it(policy):
    assert not {"contact", "committee_opinions"} & set(policy)
    for project in projects(policy):
        assert not {"tags", "funding", "sections"} & set(project)
