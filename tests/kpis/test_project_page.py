"""The project page: what was promised and what became of it, period by period, and why."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import (
    DEMO_NOTE,
    Change,
    Initiative,
    Narrative,
    Policy,
    Project,
    Revision,
    Target,
)
from tests.bench.plan import make
from tests.cast import Cast
from tests.kpis.pages import links, text_of
from wards.models import Ward

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """磯子区: 275 patrols in the first half, 200 more in the second, which is still a draft."""
    cast = Cast()
    cast.entered(cast.patrols, cast.first_half, 275, state="confirmed", note="台風の後は毎日")
    cast.entered(cast.patrols, cast.second_half, 200)
    cast.entered(cast.supporters, cast.first_half, 328, state="confirmed")
    return cast


@pytest.fixture
def manager(client, cast):
    client.force_login(cast.manager)
    return client


def address(project="p05", period="H2"):
    return reverse("kpis:project", args=["14107", 2020, project], query={"period": period})


def block(page, key="p05-t1") -> str:
    """What stands in the block of one target."""
    return re.search(
        rf'<article [^>]*id="target-{key}".*?</article>', page.content.decode(), re.DOTALL
    )[0]


def read(page, key="p05-t1") -> str:
    return text_of(block(page, key))


def chart_labels(page, key="p05-t1") -> list[str]:
    return re.findall(r'class="bullet"[^>]*aria-label="([^"]*)"', block(page, key))


def test_no_id_of_a_target_or_pillar_takes_that_of_the_page(manager, cast):
    for key in ("main", "text-m"):
        cast.target(cast.flood, key, key, value=1, unit="回")
    cast.pillar.key = "main"
    cast.pillar.save()
    dashboard = reverse("kpis:dashboard", args=["14107", 2020])
    for page in (manager.get(address()), manager.get(dashboard)):
        ids = re.findall(r'\sid="([^"]*)"', page.content.decode())
        assert len(ids) == len(set(ids))


class TestPeriods:
    def test_each_period_says_its_own_figure_and_where_it_leads(self, manager):
        shown = read(manager.get(address()))
        assert "上半期 4–9月 275回 275 / 550回 50.0% ±0.0pt 順調 ✓ 確認済" in shown
        assert "備考 台風の後は毎日" in shown
        assert "下半期 10–3月 200回 475 / 550回 86.4% おおむね達成 ✎ 下書き" in shown

    def test_the_charts_say_it_in_sentences(self, manager):
        assert chart_labels(manager.get(address())) == [
            "順調。目標550回に対し275回、達成率50.0%、計画の位置50.0%",
            "おおむね達成。目標550回に対し475回、達成率86.4%",
        ]

    def test_a_period_without_an_entry_is_a_dash_and_not_zero(self, manager, cast):
        cast.patrols.actuals.filter(period=cast.second_half).delete()
        assert "下半期 10–3月 — 275 / 550回" in read(manager.get(address()))

    def test_cause_remedy_own_judgement_outlook_and_evidence_stand_below(self, manager, cast):
        cast.patrols.actuals.filter(period=cast.first_half).update(
            cause="車両の故障",
            remedy="委託で補う",
            self_status="slightly_behind",
            self_reason="体制が手薄なため",
            outlook_met=True,
            outlook_value=560,
            evidence=[
                {"title": "日報", "url": "https://intra.example/nippo"},
                {"title": "怪しい", "url": "javascript:alert(1)"},
            ],
            on_behalf=True,
        )
        page = manager.get(address())
        shown = read(page)
        assert "遅れの原因 車両の故障" in shown
        assert "今後の対応 委託で補う" in shown
        assert "自己評価 やや遅れ 体制が手薄なため" in shown
        assert "年度末の見込み 届く 560回" in shown
        assert "代理入力" in shown
        assert ("日報", "https://intra.example/nippo") in links(page)
        assert "javascript:" not in page.content.decode()

    def test_a_milestone_shows_its_stages(self, manager, cast):
        cast.entered(cast.plan, cast.first_half, stage="preparing")
        page = manager.get(address("p20"))
        assert "準備中 / 完了" in read(page, "p20-t3")
        assert chart_labels(page, "p20-t3") == [
            "順調。段階は準備中",
            "未入力。段階は準備中",  # what was said before still stands
        ]
        assert "この率の計算" not in read(page, "p20-t3")

    def test_a_linked_total_stands_beside_its_yearly_target(self, manager):
        page = manager.get(address("p20", "H1"))
        assert "18,028 / 18,500人" in read(page, "p20-t2")
        assert "期首 17,700人" in read(page, "p20-t2")


class TestHowTheRateCameAbout:
    def test_a_resident_can_work_it_out_again(self, manager):
        shown = read(manager.get(address(period="H1")))
        assert "550回のうち275回: 275 ÷ 550 = 50.0%" in shown
        assert "計画比" in shown
        assert "順調（計画比100%以上は順調、80%以上はやや遅れ、それ未満は遅れ）" in shown

    def test_the_bounds_are_those_of_the_policy(self, manager, cast):
        Policy.objects.filter(pk=cast.policy.pk).update(grades={"pace": "90"})
        assert "90%以上はやや遅れ" in read(manager.get(address(period="H1")))


class TestRevisions:
    def test_old_value_new_value_reason_and_decision_stay(self, manager, cast):
        Target.objects.filter(pk=cast.patrols.pk).update(value=400)
        Revision.objects.create(
            target=cast.patrols,
            on="2020-08-03",
            old=550,
            new=400,
            reason="学校の休業のため",
            decided_by="区政運営会議",
            document_number="磯総第123号",
        )
        shown = read(manager.get(address()))
        assert "550 → 400 回" in shown
        assert "理由 学校の休業のため" in shown
        assert "令和2年8月3日 区政運営会議 磯総第123号" in shown
        assert "変更前の目標に対する達成率 86.4%" in shown
        assert 'class="b-ghost"' in block(manager.get(address()))

    def test_before_the_revision_the_old_target_judges(self, manager, cast):
        Target.objects.filter(pk=cast.patrols.pk).update(value=400)
        Revision.objects.create(
            target=cast.patrols, on="2020-12-01", old=550, new=400, reason="休業のため"
        )
        shown = read(manager.get(address()))
        assert "275 / 550回 50.0%" in shown
        assert "475 / 400回 当初 550回 118.8%" in shown


class TestAround:
    def test_the_section_tells_its_story_the_period_on_show_first(self, manager, cast):
        for period, done in ((cast.first_half, "春の点検"), (cast.second_half, "冬の点検")):
            Narrative.objects.create(project=cast.flood, period=period, done=done)
        page = text_of(manager.get(address(period="H1")).content.decode())
        assert page.index("春の点検") < page.index("冬の点検")

    def test_an_initiative_without_a_target_is_not_forgotten(self, manager, cast):
        Initiative.objects.create(
            policy=cast.policy, project=cast.flood, key="p05-i9", text="水防倉庫の点検"
        )
        page = text_of(manager.get(address()).content.decode())
        assert "水防倉庫の点検 この取組に目標はありません。" in page

    def test_it_leads_back_to_its_pillar_and_on_to_its_neighbours(self, manager):
        found = links(manager.get(address("p07", "H1")))
        assert ("安全・安心なまち", f"{dashboard()}?period=H1#pillar-a") in found
        page = manager.get(address("p07", "H1")).content.decode()
        assert 'href="../p05/?period=H1"' in page
        assert 'href="../p20/?period=H1"' in page

    def test_what_is_made_up_says_so(self, manager, cast):
        assert "デモデータ" not in manager.get(address()).content.decode()
        Policy.objects.filter(pk=cast.policy.pk).update(notes=[DEMO_NOTE])
        assert "デモデータ" in manager.get(address()).content.decode()

    def test_a_cancelled_project_gives_its_reason(self, manager, cast):
        Project.objects.filter(pk=cast.flood.pk).update(
            status="cancelled", status_reason="工事の中止による"
        )
        page = text_of(manager.get(address()).content.decode())
        assert "工事の中止による" in page
        assert "この事業の状況 中止" in page


class TestHistory:
    @pytest.fixture(autouse=True)
    def changed(self, cast):
        Change.objects.create(
            ward=cast.isogo,
            policy=cast.policy,
            project=cast.flood,
            target=cast.patrols,
            period=cast.first_half,
            act=Change.Act.CHANGED,
            changed={"value": ["1250", "1275"], "state": ["draft", "submitted"]},
            reason="集計の誤り",
            by_name="磯子土木事務所 担当者",
            at=datetime(2020, 10, 7, 7, 41, tzinfo=UTC),
        )

    def test_who_changed_what_when_from_what_to_what_and_why(self, manager):
        shown = text_of(manager.get(address()).content.decode())
        assert (
            "令和2年10月7日 16:41 道路・公園などのパトロール 上半期 変更 "
            "実績 1,250 → 1,275 状態 下書き → 提出済 集計の誤り 磯子土木事務所 担当者"
        ) in shown

    def test_a_first_entry_is_told_without_what_was_not_there_before(self, manager):
        Change.objects.create(
            ward=Ward.objects.get(code="14107"),
            project=Project.objects.get(key="p05"),
            target=Target.objects.get(key="p05-t1"),
            act=Change.Act.ENTERED,
            changed={"value": [None, "275"], "note": ["", "台風の後"]},
            by_name="磯子土木事務所 担当者",
            at=datetime(2020, 10, 8, tzinfo=UTC),
        )
        shown = text_of(manager.get(address()).content.decode())
        assert "275" in shown
        assert "— →" not in shown

    def test_members_and_the_city_do_not_read_what_was_still_worked_on(self, client, cast):
        for reader in (cast.member, cast.city):
            client.force_login(reader)
            assert "集計の誤り" not in client.get(address()).content.decode()


class TestWhoMayDoWhat:
    def test_the_section_that_enters_is_led_to_the_open_period(self, client, cast):
        enter = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        for who in (cast.doboku_staff, cast.secretariat):
            client.force_login(who)
            page = client.get(address())
            assert ("下半期の実績を入力する", enter) in links(page)
            assert "上半期の実績を入力する" not in page.content.decode()
        for who in (cast.chiiki_staff, cast.manager, cast.member, cast.city):
            client.force_login(who)
            assert "実績を入力する" not in client.get(address()).content.decode()

    def test_members_and_the_city_read_confirmed_figures_only(self, client, cast):
        for reader in (cast.member, cast.city):
            client.force_login(reader)
            assert "下半期 10–3月 — 275 / 550回" in read(client.get(address()))

    @pytest.mark.parametrize("project", ["p99", "P05", "p05'"])
    def test_a_project_that_is_not_there_is_not_found(self, manager, project):
        assert manager.get(address(project)).status_code == 404

    def test_a_period_that_is_not_there_is_not_found(self, manager):
        assert manager.get(address(period="Q9")).status_code == 404

    def test_a_bucho_does_not_find_projects_of_other_departments(self, client, cast):
        client.force_login(cast.fukushi_bucho)
        assert client.get(address("p20")).status_code == 200
        assert client.get(address("p05")).status_code == 404

    def test_the_neighbours_cannot_tell_that_it_exists(self, client, cast):
        client.force_login(cast.minami_secretariat)
        assert client.get(address()).status_code == 404


def dashboard() -> str:
    return reverse("kpis:dashboard", args=["14107", 2020])


def test_it_costs_as_many_queries_with_one_target_as_with_twenty(client):
    isogo, minami = (Ward.objects.get(code=code) for code in ("14107", "14105"))
    counts = []
    for ward, size in (
        (isogo, {"projects": 1, "targets": 1}),
        (minami, {"projects": 2, "targets": 40}),
    ):
        bench = make(ward, **size)
        client.force_login(bench.secretariat)
        address_of_one = f"{bench.policy.get_absolute_url()}projects/p01/"
        client.get(address_of_one)  # the first request of a session writes when it began
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address_of_one)
        assert page.status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
