"""The ward dashboard: what a manager reads in five seconds, and where each figure leads."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import DEMO_NOTE, Policy, Revision, Target
from tests.bench.plan import make
from tests.cast import Cast
from tests.kpis.pages import charts, figures, links, rows, text_of
from wards.models import Ward

pytestmark = pytest.mark.django_db

PATROLS = "道路・公園などのパトロール"
NURSERIES = "子ども向け交通安全教室：幼稚園・保育園"
SUPPORTERS = "認知症サポーターの養成"
PLAN = "第4期地域福祉保健計画の策定"


@pytest.fixture
def cast():
    """磯子区 at the end of its first half: patrols as planned, nurseries behind, the rest open."""
    cast = Cast()
    cast.entered(cast.patrols, cast.first_half, 275)
    cast.entered(
        cast.nurseries, cast.first_half, 9, state="confirmed", cause="園の休園が続いたため"
    )
    cast.entered(cast.supporters, cast.first_half, 328)
    return cast


@pytest.fixture
def manager(client, cast):
    client.force_login(cast.manager)
    return client


def address(period="H1"):
    return reverse("kpis:dashboard", args=["14107", 2020], query={"period": period})


class TestHeadline:
    def test_counts_come_first_and_the_mean_says_how_many_it_covers(self, manager):
        shown = figures(manager.get(address()))
        assert shown["達成した目標"] == "0 / 3"
        assert shown["平均達成率"] == "39.4 %"  # 50.0, 27.3 and 41.0
        assert shown["入力済"] == "3 / 4"
        page = text_of(manager.get(address()).content.decode())
        assert "3目標の平均" in page
        assert "計画の位置 50.0%" in page
        assert "未入力 1件" in page

    def test_a_milestone_stands_beside_the_numbers_and_never_in_a_percentage(self, manager, cast):
        cast.entered(cast.plan, cast.first_half, stage="under_way")
        shown = figures(manager.get(address()))
        assert shown["実施中・完了の取組"] == "1 / 1"
        assert shown["平均達成率"] == "39.4 %"

    def test_every_figure_leads_to_what_it_is_made_of(self, manager):
        page = manager.get(address())
        found = links(page)
        listed = reverse("kpis:targets", args=["14107", 2020])
        assert ("順調 1", f"{listed}?period=H1&status=on_track") in found
        assert ("遅れ 1件すべて", f"{listed}?period=H1&status=behind") in found
        assert ("未入力 1件すべて", f"{listed}?period=H1&status=not_entered") in found
        assert ("遅れ 1", f"{listed}?period=H1&status=behind&pillar=a") in found
        for _text, url in set(found):
            if url.startswith("/"):
                assert manager.get(url).status_code == 200, url


class TestRows:
    def test_each_row_says_number_rate_gap_and_word(self, manager):
        shown = rows(manager.get(address()))
        assert "275 / 550回 50.0% ±0.0pt 順調" in shown[PATROLS]
        assert "9 / 33園 全49園中 27.3% −22.7pt 遅れ" in shown[NURSERIES]
        assert "328 / 800人 41.0% −9.0pt やや遅れ" in shown[SUPPORTERS]
        assert "— / 完了 — 未入力" in shown[PLAN]

    def test_the_chart_says_the_same_in_one_sentence(self, manager):
        said = charts(manager.get(address()))
        assert said[SUPPORTERS] == "やや遅れ。目標800人に対し328人、達成率41.0%、計画の位置50.0%"
        assert said[PLAN] == "未入力"

    def test_a_linked_total_is_told_in_its_yearly_row(self, manager):
        shown = rows(manager.get(address()))
        assert len(shown) == 4
        assert "累計 18,028 / 18,500人" in shown[SUPPORTERS]

    def test_of_two_linked_totals_each_is_told_with_its_name(self, manager, cast):
        cast.target(
            cast.dementia,
            "p20-t4",
            "市全体の累計",
            accumulation="latest",
            value=30000,
            unit="人",
            cumulative=True,
            baseline=29000,
            linked_to=cast.supporters,
        )
        shown = rows(manager.get(address()))
        assert "認知症サポーター（累計） 累計 18,028 / 18,500人" in shown[SUPPORTERS]
        assert "市全体の累計 累計 29,328 / 30,000人" in shown[SUPPORTERS]

    def test_an_entered_zero_is_not_the_same_as_nothing_entered(self, manager, cast):
        cast.entered(cast.plan, cast.first_half, stage="not_started")
        cast.patrols.actuals.update(value=0)
        shown = rows(manager.get(address()))
        assert "0 / 550回 0.0% −50.0pt 遅れ" in shown[PATROLS]
        assert "未着手 / 完了" in shown[PLAN]
        cast.patrols.actuals.all().delete()
        assert "— / 550回 — 未入力" in rows(manager.get(address()))[PATROLS]

    def test_a_changed_target_keeps_the_original_in_sight(self, manager, cast):
        Target.objects.filter(pk=cast.patrols.pk).update(value=400)
        Revision.objects.create(
            target=cast.patrols, on="2020-08-03", old=550, new=400, reason="休校のため"
        )
        shown = rows(manager.get(address()))[PATROLS]
        assert "目標変更" in shown
        assert "275 / 400回 当初 550回 68.8%" in shown

    def test_a_provisional_figure_says_so(self, manager, cast):
        cast.patrols.actuals.update(certainty="provisional")
        assert "見込 275 / 550回" in rows(manager.get(address()))[PATROLS]

    def test_so_does_a_provisional_stage_as_number_and_as_sentence(self, manager, cast):
        cast.entered(cast.plan, cast.first_half, stage="preparing", certainty="provisional")
        assert "見込 準備中 / 完了" in rows(manager.get(address()))[PLAN]
        assert charts(manager.get(address()))[PLAN] == "順調。段階は見込準備中"

    def test_and_a_provisional_running_total(self, manager, cast):
        cast.entered(cast.supporters_in_all, cast.first_half, 18050, certainty="provisional")
        assert "累計 見込18,050 / 18,500人" in rows(manager.get(address()))[SUPPORTERS]

    def test_what_needs_attention_says_what_its_figures_lack(self, manager, cast):
        cast.entered(cast.nurseries, cast.second_half, 9, certainty="provisional")
        cast.nurseries.actuals.filter(period=cast.first_half).update(value=None)
        page = text_of(manager.get(address("H2")).content.decode())
        assert "見込9 / 33園 −72.7pt 前の期の数なし" in page

    def test_a_reason_stands_in_the_place_of_a_figure(self, manager, cast):
        cast.patrols.actuals.update(value=None, missing="pending")
        shown = rows(manager.get(address()))[PATROLS]
        assert "集計中 / 550回" in shown
        assert shown.endswith("集計中")

    def test_a_cancelled_target_gives_its_reason_and_leaves_the_counts(self, manager, cast):
        Target.objects.filter(pk=cast.patrols.pk).update(
            status="cancelled", status_reason="大会の中止による"
        )
        page = manager.get(address())
        assert charts(page)[PATROLS] == "中止。大会の中止による"
        assert figures(page)["入力済"] == "2 / 3"
        assert "中止・延期 1件を除く" in text_of(page.content.decode())

    def test_words_of_a_policy_cannot_become_markup(self, manager, cast):
        Target.objects.filter(pk=cast.patrols.pk).update(label="<script>alert(1)</script>")
        cast.patrols.actuals.update(note='"><img src=x>')
        body = manager.get(address()).content.decode()
        assert "<script>alert" not in body
        assert "<img" not in body

    def test_a_policy_may_name_its_own_grades(self, manager, cast):
        Policy.objects.filter(pk=cast.policy.pk).update(grades={"names": {"on_track": "A"}})
        assert rows(manager.get(address()))[PATROLS].endswith("A")


class TestAttention:
    def test_the_furthest_behind_stands_first_with_whose_it_is_and_why(self, manager, cast):
        page = manager.get(address()).content.decode()
        todo = re.search(r'<ol class="todo">(.*?)</ol>', page, re.DOTALL)[1]
        first, second, third = re.findall(r"<li.*?</li>", todo, re.DOTALL)
        assert NURSERIES in first
        assert "地域振興課" in first
        assert "園の休園が続いたため" in first
        assert "−22.7pt" in first
        assert SUPPORTERS in second
        assert PLAN in third, "what nobody has entered comes after what is late"
        assert "未入力" in text_of(third)
        assert reverse("kpis:project", args=["14107", 2020, "p07"]) in first

    def test_when_nothing_is_behind_it_says_so(self, manager, cast):
        cast.nurseries.actuals.update(value=33)
        cast.supporters.actuals.update(value=800)
        cast.entered(cast.plan, cast.first_half, stage="preparing")
        assert (
            "遅れている目標も、未入力の目標もありません。"
            in manager.get(address()).content.decode()
        )


class TestHeatMap:
    def test_a_project_is_as_well_as_its_worst_target_in_each_period(self, manager, cast):
        cast.entered(cast.patrols, cast.second_half, 275)
        page = manager.get(address()).content.decode()
        row = re.search(r'<tr><th scope="row"><a class="pj"[^>]*>.*?風水害.*?</tr>', page)[0]
        assert re.findall(r'class="cell" data-status="(\w+)"', row) == ["on_track", "achieved"]
        assert row.count('class="now"') == 1


class TestPeriods:
    def test_without_a_period_it_shows_the_last_one_with_an_entry(self, manager, cast):
        plain = reverse("kpis:dashboard", args=["14107", 2020])
        assert "令和2年度 (2020) 上半期" in manager.get(plain).content.decode()
        cast.entered(cast.patrols, cast.second_half, 300)
        assert "令和2年度 (2020) 下半期" in manager.get(plain).content.decode()

    def test_at_year_end_the_rate_judges_and_there_is_no_gap_to_a_plan(self, manager, cast):
        cast.entered(cast.patrols, cast.second_half, 200)
        page = manager.get(address("H2"))
        assert "475 / 550回 86.4% おおむね達成" in rows(page)[PATROLS]
        assert "計画の位置" not in charts(page)[PATROLS]

    def test_the_key_below_the_heat_map_names_the_statuses_of_every_period(self, manager, cast):
        cast.entered(cast.patrols, cast.second_half, 200)
        for period in ("H1", "H2"):
            page = manager.get(address(period)).content.decode()
            key = text_of(page.split('class="keychips band">')[1].split("</p>")[0])
            assert key == "順調 おおむね達成 遅れ 未入力"

    def test_how_to_read_names_the_statuses_of_the_period(self, manager):
        for period, said, unsaid in (("H1", "順調：", "未達："), ("H2", "未達：", "順調：")):
            how = text_of(manager.get(address(period)).content.decode().split('class="key"')[1])
            assert said in how
            assert unsaid not in how

    @pytest.mark.parametrize("period", ["H3", "'", "9" * 400])
    def test_a_period_that_the_policy_does_not_have_is_not_found(self, manager, period):
        assert manager.get(address(period)).status_code == 404

    def test_periods_are_open_or_closed_with_their_due_dates(self, manager):
        page = text_of(manager.get(address()).content.decode())
        assert "上半期 締切済 期限 10月31日（土）" in page
        assert "下半期 受付中 期限 4月30日（金）" in page


class TestWhoSeesWhat:
    def test_members_and_the_city_read_confirmed_figures_only(self, client, cast):
        for reader in (cast.member, cast.city):
            client.force_login(reader)
            shown = rows(client.get(address()))
            assert "— / 550回" in shown[PATROLS]
            assert "9 / 33園" in shown[NURSERIES]

    @pytest.mark.parametrize("page", ["dashboard", "targets", "project"])
    def test_and_are_told_so(self, client, cast, page):
        at = [cast.flood.key] if page == "project" else []
        url = reverse(f"kpis:{page}", args=["14107", 2020, *at])
        for reader, told in ((cast.member, True), (cast.city, True), (cast.manager, False)):
            client.force_login(reader)
            assert ("確認済の実績だけで" in client.get(url).content.decode()) is told

    def test_a_bucho_sees_the_projects_of_the_department(self, client, cast):
        client.force_login(cast.fukushi_bucho)
        page = client.get(address())
        assert set(rows(page)) == {SUPPORTERS, PLAN}
        assert figures(page)["入力済"] == "1 / 2"

    def test_the_neighbours_cannot_tell_that_it_exists(self, client, cast):
        client.force_login(cast.minami_staff)
        assert client.get(address()).status_code == 404

    def test_what_is_made_up_says_so(self, manager, cast):
        assert "デモデータ" not in manager.get(address()).content.decode()
        Policy.objects.filter(pk=cast.policy.pk).update(notes=[DEMO_NOTE])
        assert "デモデータ" in manager.get(address()).content.decode()


class TestWithoutNumbers:
    """Four of the five wards: every target is a milestone."""

    @pytest.fixture
    def page(self, manager, cast):
        cast.entered(cast.plan, cast.first_half, stage="preparing", note="素案を作りました")
        Target.objects.filter(policy=cast.policy).exclude(pk=cast.plan.pk).update(linked_to=None)
        for target in (cast.patrols, cast.nurseries, cast.supporters, cast.supporters_in_all):
            target.actuals.all().delete()
            target.delete()
        return manager.get(address())

    def test_stages_and_what_was_done_stand_where_percentages_would(self, page):
        assert "準備中 / 完了 素案を作りました 順調" in rows(page)[PLAN]
        assert charts(page)[PLAN] == "順調。段階は準備中"
        assert "達成率" not in text_of(re.search(r"<thead>.*</thead>", page.content.decode())[0])

    def test_the_headline_counts_stages_and_has_no_mean(self, page):
        shown = figures(page)
        assert shown["実施中・完了の取組"] == "0 / 1"
        assert shown["入力済"] == "1 / 1"
        assert "平均達成率" not in shown


def test_it_costs_as_many_queries_for_four_targets_as_for_a_hundred(client):
    isogo, minami = (Ward.objects.get(code=code) for code in ("14107", "14105"))
    counts = []
    for ward, size in ((isogo, {"projects": 3, "targets": 4}), (minami, {"targets": 100})):
        bench = make(ward, **size)
        client.force_login(bench.manager)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = client.get(bench.policy.get_absolute_url())
        assert page.status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_what_is_saved_shows_at_once(manager, cast):
    """Results that were worked out before are not shown for figures that changed since."""
    assert "275 / 550回 50.0%" in rows(manager.get(address()))[PATROLS]
    cast.patrols.actuals.update(value=440)
    assert "440 / 550回 80.0%" in rows(manager.get(address()))[PATROLS]
    Target.objects.filter(pk=cast.patrols.pk).update(value=440)
    assert "440 / 440回 100.0%" in rows(manager.get(address()))[PATROLS]


def test_a_figure_saved_on_the_yearly_target_reaches_the_total_that_follows_from_it(manager, cast):
    assert "累計 18,028 / 18,500人" in rows(manager.get(address()))[SUPPORTERS]
    cast.supporters.actuals.update(value=400)
    assert "累計 18,100 / 18,500人" in rows(manager.get(address()))[SUPPORTERS]
    Target.objects.filter(pk=cast.supporters_in_all.pk).update(value=18400)
    assert "累計 18,100 / 18,400人" in rows(manager.get(address()))[SUPPORTERS]


def test_words_that_change_show_at_once_though_no_figure_did(manager, cast):
    manager.get(address())
    Target.objects.filter(pk=cast.patrols.pk).update(label="夜間のパトロール", starts_month=4)
    Policy.objects.filter(pk=cast.policy.pk).update(grades={"names": {"on_track": "順調です"}})
    shown = rows(manager.get(address()))["夜間のパトロール"]
    assert "4月から" in shown
    assert shown.endswith("順調です")
    Policy.objects.filter(pk=cast.policy.pk).update(grades={"pace": "100", "achieved": "50"})
    assert rows(manager.get(address()))["夜間のパトロール"].endswith("達成")


def test_what_one_person_may_not_read_does_not_come_from_what_another_read(client, cast):
    client.force_login(cast.manager)
    assert "275 / 550回" in rows(client.get(address()))[PATROLS]
    client.force_login(cast.member)
    assert "— / 550回" in rows(client.get(address()))[PATROLS]
    client.force_login(cast.manager)
    assert "275 / 550回" in rows(client.get(address()))[PATROLS]
