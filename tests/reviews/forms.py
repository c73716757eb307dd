"""Filling in a form as a browser does: with every field that the page shows, hidden ones too."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self):
        super().__init__()
        self.data: dict[str, str] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag, attributes):
        each = dict(attributes)
        name, kind = each.get("name"), each.get("type")
        if tag == "textarea" and name:
            self._area, self.data[name] = name, ""
        elif tag == "select" and name:
            self._select, self.data[name] = name, ""
        elif tag == "option" and self._select and "selected" in each:
            self.data[self._select] = each.get("value", "")
        elif tag == "input" and name and _is_sent(each):
            self.data[name] = each.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area:
            self.data[self._area] = self.data[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, text):
        if self._area:
            self.data[self._area] += text


def _is_sent(each: dict) -> bool:
    """Whether an input goes along as it stands: no file, no box that is not ticked."""
    kind = each.get("type")
    return kind not in ("file", "submit") and (
        kind not in ("checkbox", "radio") or "checked" in each
    )


def form_of(page) -> dict[str, str]:
    """What the page's form would send if nobody typed anything."""
    markup = page.content.decode()
    reader = _Form()
    reader.feed(markup[markup.index("<main") : markup.index("</main>")])
    reader.data.pop("csrfmiddlewaretoken", None)
    return reader.data
