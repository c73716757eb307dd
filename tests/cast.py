"""The people and the policy that tests tell their stories with.

磯子区 follows its policy of 令和2年度 (fiscal 2020): the first half is closed, the second open.
The public works office patrols, the community section teaches road safety, the welfare section
trains dementia supporters and writes a plan. 南区 is the neighbour who must see none of it.
"""

from datetime import date
from decimal import Decimal

from kpis.models import Actual, Initiative, Period, Pillar, Policy, Project, ProjectSection, Target
from wards.models import Post, Section, User, Ward

FUKUSHI_CENTRE = "福祉保健センター"


class Cast:
    """Everybody and everything, made in the database. Build it in setUpTestData."""

    def __init__(self):
        self.isogo = ward("14107", "磯子区", "いそごく", "Isogo")
        self.minami = ward("14105", "南区", "みなみく", "Minami")
        self.doboku = section(self.isogo, "磯子土木事務所", "土木事務所")
        self.chiiki = section(self.isogo, "地域振興課", "総務部")
        self.fukushi = section(self.isogo, "福祉保健課", FUKUSHI_CENTRE)
        self.minami_doboku = section(self.minami, "南土木事務所", "土木事務所")

        role = Post.Role
        self.doboku_staff = person("doboku-staff", role.STAFF, self.isogo, self.doboku)
        self.doboku_staff_post = self.doboku_staff.posts.get()
        self.doboku_head = person("doboku-head", role.HEAD, self.isogo, self.doboku)
        self.chiiki_staff = person("chiiki-staff", role.STAFF, self.isogo, self.chiiki)
        self.fukushi_staff = person("fukushi-staff", role.STAFF, self.isogo, self.fukushi)
        self.secretariat = person("secretariat", role.SECRETARIAT, self.isogo)
        self.manager = person("manager", role.MANAGER, self.isogo)
        self.fukushi_bucho = person(
            "fukushi-bucho", role.MANAGER, self.isogo, department=FUKUSHI_CENTRE
        )
        self.member = person("member", role.MEMBER, self.isogo)
        self.auditor = person("auditor", role.AUDITOR, self.isogo)
        self.city = person("city", role.CITY)
        self.minami_staff = person("minami-staff", role.STAFF, self.minami, self.minami_doboku)
        self.minami_secretariat = person("minami-secretariat", role.SECRETARIAT, self.minami)
        self.without_post = person("without-post")

        self.policy = Policy.objects.create(
            ward=self.isogo, fiscal_year=2020, title="令和2年度 磯子区 運営方針"
        )
        self.first_half = Period.objects.create(
            policy=self.policy,
            key="H1",
            starts=date(2020, 4, 1),
            ends=date(2020, 9, 30),
            due=date(2020, 10, 31),
            state=Period.State.CLOSED,
        )
        self.second_half = Period.objects.create(
            policy=self.policy,
            key="H2",
            starts=date(2020, 10, 1),
            ends=date(2021, 3, 31),
            due=date(2021, 4, 30),
        )
        self.pillar = Pillar.objects.create(policy=self.policy, key="a", name="安全・安心なまち")
        self.flood = self.project("p05", "⑤", "風水害に対する備え", self.doboku)
        self.traffic = self.project("p07", "⑦", "交通安全対策", self.chiiki)
        self.dementia = self.project("p20", "⑳", "認知症施策の推進", self.fukushi)

        self.patrols = self.target(
            self.flood, "p05-t1", "道路・公園などのパトロール", value=550, unit="回"
        )
        self.nurseries = self.target(
            self.traffic,
            "p07-t1",
            "子ども向け交通安全教室：幼稚園・保育園",
            measure="ratio",
            value=33,
            denominator=49,
            unit="園",
        )
        self.supporters = self.target(
            self.dementia, "p20-t1", "認知症サポーターの養成", value=800, unit="人"
        )
        self.supporters_in_all = self.target(
            self.dementia,
            "p20-t2",
            "認知症サポーター（累計）",
            accumulation="latest",
            value=18500,
            unit="人",
            cumulative=True,
            baseline=17700,
            linked_to=self.supporters,
        )
        self.plan = self.target(
            self.dementia,
            "p20-t3",
            "第4期地域福祉保健計画の策定",
            measure="milestone",
            accumulation="",
            section=self.fukushi,
        )

    def everybody(self) -> dict[str, User]:
        """By name, those whose posts matter: the roles, and the neighbours."""
        return {name: value for name, value in vars(self).items() if isinstance(value, User)}

    def project(self, key: str, number: str, name: str, *sections: Section) -> Project:
        project = Project.objects.create(
            policy=self.policy,
            pillar=self.pillar,
            key=key,
            number=number,
            name=name,
            order=int(key[1:]),
        )
        for order, responsible in enumerate(sections):
            ProjectSection.objects.create(project=project, section=responsible, order=order)
        return project

    def target(self, project: Project, key: str, label: str, **attributes) -> Target:
        """A target of 磯子区, a yearly number that adds up unless said otherwise."""
        initiative, _created = Initiative.objects.get_or_create(
            policy=self.policy, project=project, key=f"{project.key}-i1", defaults={"text": "取組"}
        )
        defaults = {"measure": "number", "accumulation": "sum", "printed": label}
        return Target.objects.create(
            policy=self.policy,
            project=project,
            initiative=initiative,
            key=key,
            label=label,
            order=Target.objects.filter(policy=self.policy).count(),
            **(defaults | attributes),
        )

    def entered(self, target: Target, period: Period, value=None, **attributes) -> Actual:
        """An entry as the section left it: a draft, unless a state is given."""
        return Actual.objects.create(
            target=target,
            period=period,
            value=None if value is None else Decimal(value),
            **attributes,
        )


def ward(code: str, name: str, kana: str, romaji: str) -> Ward:
    """The migrations bring the 18 wards; a test that empties the database makes its own."""
    found, _created = Ward.objects.get_or_create(
        code=code, defaults={"name": name, "kana": kana, "romaji": romaji}
    )
    return found


def section(ward: Ward, name: str, department: str = "") -> Section:
    return Section.objects.create(ward=ward, name=name, department=department)


def person(username: str, role="", ward=None, section=None, **post) -> User:
    """Somebody with an own password (unusable: tests log them in by name) and at most a post."""
    user = User(username=username, display_name=f"{username}さん", must_change_password=False)
    user.set_unusable_password()
    user.save()
    if role:
        Post.objects.create(user=user, role=role, ward=ward, section=section, **post)
    return user
