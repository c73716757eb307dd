"""English is complete: every string a reader can meet has one, with the same placeholders."""

import re

import pytest

from tests.catalogue import ROOT, as_strings, catalogue, messages, template_messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
#: Letters, and the punctuation and brackets of full width.
JAPANESE = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")


@pytest.fixture(scope="module")
def used():
    return {(as_strings(message)[0], context) for message, context in messages()}


@pytest.fixture(scope="module")
def english():
    return {(as_strings(entry.id)[0], entry.context): entry for entry in catalogue() if entry.id}


def test_strings_are_found_in_code_and_in_templates(used):
    assert ("おおむね達成", None) in used, "kpis/models names the statuses"
    assert ("本文へ進む", None) in used, "templates/base.html has a skip link"


def test_blocks_and_plurals_of_a_template_are_found():
    source = (
        "{% load i18n %}{% translate '差戻し' context '状態' %}"
        "{% blocktranslate count n=n %}{{ n }}件{% plural %}{{ n }}件{% endblocktranslate %}"
    )
    assert list(template_messages(source, "x")) == [
        ("差戻し", "状態"),
        (("%(n)s件", "%(n)s件"), None),
    ]


def test_a_string_is_read_as_the_template_means_it():
    found = template_messages("{% load i18n %}{% translate '達成\u3000順調' %}", "x")
    assert list(found) == [("達成\u3000順調", None)]


def test_every_string_has_english(used, english):
    missing = {
        text
        for text, context in used
        if (text, context) not in english or not all(as_strings(english[text, context].string))
    }
    assert not missing, "run make messages and write the English of these"


def test_the_catalogue_holds_nothing_that_is_not_used(used, english):
    assert set(english) <= used


def test_placeholders_survive_translation(english):
    for entry in english.values():
        for source, text in zip(as_strings(entry.id), as_strings(entry.string), strict=True):
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source)), source


def test_english_is_english(english):
    """Only a few names stay Japanese: the language switch and あゆみ itself."""
    kept = {"日本語", "あゆみ"}
    for entry in english.values():
        for text in as_strings(entry.string):
            for name in kept:
                text = text.replace(name, "")
            assert not JAPANESE.search(text), entry.id


TRANSLATED = re.compile(
    r"{% blocktranslate.*?{% endblocktranslate %}|{% translate .*?%}|{#.*?#}", re.DOTALL
)


def test_a_template_says_nothing_past_the_catalogue():
    """But for the switch to Japanese, and the dots and spaces between names that are Japanese."""
    for template in sorted((ROOT / "templates").rglob("*.*")):
        rest = TRANSLATED.sub("", template.read_text(encoding="utf-8"))
        assert not JAPANESE.search(re.sub('日本語|[\u3000・]|join:"、"', "", rest)), template.name
