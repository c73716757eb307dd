"""Every page that the demo's people can reach, on a desk and on a telephone, with axe.

Pages are found as people find them, by following links from the first page; of each kind
(each name in the URLs) a few are looked at. A kind that nobody reaches fails the test.
"""

from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.browser.conftest import DESK, PHONE
from tests.test_every_url_by_every_role import named_urls

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Posts who together reach everything, and the pages on which each begins.
PEOPLE = {
    # First who may do most: of a page that somebody has seen the next one does not look for links.
    "isogo-kusei-secretariat": ["/", "/wards/14107/2020/entry/", "/wards/14107/2020/review/H2/"],
    "isogo-doboku-staff": ["/", "/password/"],
    "minami-manager": ["/"],
    "isogo-member": ["/"],
    "city": ["/"],
}
#: Of one kind so many pages: Isogo counts, the other wards have milestones only.
OF_A_KIND = 2
#: Files to take away, and addresses that only take posts or say "ok".
NO_PAGES = {
    "health",
    "set_language",
    "logout",
    "person_reset",
    "person_stop",
    "kpis:entry_list",  # leads to a sheet
    "kpis:cell",
    "kpis:period_move",
    "kpis:evidence",
    "kpis:period_due",
    "kpis:nudge",
    "reviews:read_mark",
    "reviews:comment_save",
    "reviews:paper",  # a file
    "reviews:paper_remove",
    "reviews:opinion_agree",
    "reviews:opinion_move",
    "reviews:opinion_edit",  # of what the demo has published already: tests/browser/test_opinion.py
    # of lines still to be sorted, of which the demo has none: tests/browser/test_answers.py
    "reviews:comments_merge",
    "reviews:item_split",
    "reviews:promises_attach",
}
FILES = ("xlsx", "csv", "schema", "json", "zip", "html", "pdf")
NOWHERE = "nowhere"


def kind(url: str) -> str:
    """The name of the page in the URLs."""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return NOWHERE


def links(page) -> list[str]:
    """Addresses of ours that the page links to, without what follows a #."""
    here = urlsplit(page.url)
    found = (
        urljoin(page.url, href)
        for href in page.eval_on_selector_all(
            "a[href]", "all => all.map(a => a.getAttribute('href'))"
        )
    )
    return [
        parts._replace(fragment="").geturl()
        for parts in map(urlsplit, dict.fromkeys(found))
        if parts.netloc == here.netloc and not parts.path.endswith(FILES)
    ]


def look_at(page, assert_accessible, problems):
    """One page as it stands, at both widths."""
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        try:
            assert_accessible(page)
        except AssertionError as error:
            problems.append(str(error))
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wider > 0:
            problems.append(f"{page.url} is {wider} px wider than {viewport['width']} px")


def test_every_page_is_accessible(demo, logged_in_page, open_page, assert_accessible):
    problems: list[str] = []
    seen: dict[str, set[str]] = {}
    page = open_page()
    page.goto("/login/")
    look_at(page, assert_accessible, problems)
    seen["login"] = {page.url}
    for person, first in PEOPLE.items():
        page = logged_in_page(person)
        waiting, known = list(first), set()
        while waiting:
            page.set_viewport_size(DESK)
            came_from = page.url
            answer = page.goto(waiting.pop(0))
            if answer.status != 200:
                problems.append(f"{page.url} for {person}: {answer.status} (after {came_from})")
                continue
            mine = seen.setdefault(kind(page.url), set())
            mine.add(urlsplit(page.url).path)
            look_at(page, assert_accessible, problems)
            found = links(page)
            astray = [url for url in found if kind(url) == NOWHERE]
            if astray:
                problems.append(f"{page.url} leads to {astray[0]} and {len(astray) - 1} more: 404")
            for url in (url for url in found if url not in astray):
                path = urlsplit(url).path
                of_kind = seen.setdefault(kind(url), set())
                if path not in known | of_kind and len(of_kind) < OF_A_KIND:
                    known.add(path)
                    of_kind.add(path)
                    waiting.append(url)
    assert not problems, "\n\n".join(dict.fromkeys(problems))
    pages = {name for name in named_urls() if name not in NO_PAGES and not name.endswith(FILES)}
    assert pages - set(seen) == set(), "nobody finds these by following links"


def test_pages_fit_where_they_are_enlarged_four_times(demo, logged_in_page, live_server):
    """1280 px enlarged to 400 % are 320: nobody scrolls sideways to read, in either language."""
    ward, problems = "/wards/14107/2020", []
    for language in ("ja", "en"):
        page = logged_in_page("isogo-kusei-secretariat", viewport={"width": 320, "height": 256})
        cookie = {"name": "django_language", "value": language, "url": live_server.url}
        page.context.add_cookies([cookie])
        for path in [
            "/",
            f"{ward}/",
            f"{ward}/targets/",
            f"{ward}/projects/p07/",
            f"{ward}/projects/p07/H2/",
            f"{ward}/entry/",
            f"{ward}/targets/p05-t2/H1/",
            f"{ward}/targets/p10-t1/H2/",
            f"{ward}/history/",
            f"{ward}/changes/",
            f"{ward}/changes/1/",
            f"{ward}/targets/p07-t1/change/",
        ]:
            page.goto(path)
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wider > 0:
                problems.append(f"{page.url} in {language} is {wider} px too wide")
    assert not problems, "\n".join(problems)


def test_refusals_are_pages_too(demo, logged_in_page, assert_accessible):
    """What is not there, and what somebody may not do."""
    problems: list[str] = []
    staff = logged_in_page("minami-chiiki-staff")
    for path, status in (("/wards/14107/2020/", 404), ("/people/", 403)):
        with staff.expect_response(f"**{path}") as answer:
            staff.goto(path)
        assert answer.value.status == status
        look_at(staff, assert_accessible, problems)
    assert not problems, "\n\n".join(problems)
