"""Reading a page as a person does: rows, words and links instead of markup."""

import re
from html import unescape
from html.parser import HTMLParser


def text_of(markup: str) -> str:
    """What stands there to be read, with one space between the pieces."""
    said = re.sub(r"<[^>]+>", " ", markup)
    return re.sub(r"\s+", " ", unescape(said)).strip()


def rows(page) -> dict[str, str]:
    """The rows of the ledger by the label of their target, as text."""
    found = {}
    for row in re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL):
        label = re.search(r'<th scope="row" class="target">(.*?)(?: <span| </th>|</th>)', row)
        if label:
            found[text_of(label[1])] = text_of(row)
    return found


def charts(page) -> dict[str, str]:
    """What the chart of each row of the ledger says, by the label of its target."""
    found = {}
    for row in re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL):
        label = re.search(r'<th scope="row" class="target">(.*?)(?: <span| </th>|</th>)', row)
        said = re.search(r'class="bullet"[^>]*aria-label="([^"]*)"', row)
        if label and said:
            found[text_of(label[1])] = unescape(said[1])
    return found


def figures(page) -> dict[str, str]:
    """The headline figures by their name."""
    shown = re.search(r'<dl class="figures">(.*?)</dl>', page.content.decode(), re.DOTALL)[1]
    pairs = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", shown, re.DOTALL)
    return {text_of(name): text_of(value) for name, value in pairs}


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self._href, self._text = dict(attributes).get("href"), []

    def handle_data(self, data):
        self._text.append(data)

    def handle_endtag(self, tag):
        if tag == "a" and self._href is not None:
            self.found.append((" ".join("".join(self._text).split()), self._href))
            self._href = None


def links(page) -> list[tuple[str, str]]:
    """The links of a page from the top: text and address."""
    reader = _Links()
    reader.feed(page.content.decode())
    return reader.found
