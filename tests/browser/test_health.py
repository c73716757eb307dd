"""The browser itself: that a Chromium is driven, and that what it says is heard."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_monitor_sees_that_the_server_is_well(page):
    assert page.goto("/health/").status == 200
    assert page.text_content("body") == "ok"


def test_a_request_to_another_host_is_noticed(open_page):
    page = open_page()
    page.route("http://elsewhere.example/**", lambda route: route.abort())
    page.goto("/health/")
    page.evaluate("fetch('http://elsewhere.example/font.woff2').catch(() => null)")
    page.wait_for_timeout(100)
    assert "http://elsewhere.example/font.woff2" in "\n".join(open_page.complaints)
    open_page.complaints.clear()
