"""The tests' own browser: that a Chromium is driven, and that what it says is heard."""

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


def test_what_keeps_somebody_out_is_noticed(page, assert_accessible):
    page.goto("/health/")
    page.evaluate("document.body.append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        assert_accessible(page)


def test_an_inline_script_is_refused_and_noticed(open_page):
    page = open_page()
    page.goto("/health/")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'let in'";
            document.body.append(script);
        }"""
    )
    assert page.title() != "let in"
    assert "Content Security Policy" in "\n".join(open_page.complaints)
    open_page.complaints.clear()
