"""The sheet as a browser without a script sends it: what stands in the page, and what was typed."""

from html.parser import HTMLParser


class SheetForm(HTMLParser):
    """The form of a page: `fields` as they would be sent, changed by `type`."""

    def __init__(self, page):
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.ids: set[str] = set()
        self.links: list[str] = []
        self._inside = False
        self._text: str | None = None
        self._name = ""
        self.feed(page.content.decode())

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            assert found["id"] not in self.ids, f"twice on one page: {found['id']}"
            self.ids.add(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "form":
            self._inside = found.get("id") == "sheet"
        name = found.get("name", "")
        if not self._inside:
            return
        if tag == "input" and name != "csrfmiddlewaretoken":
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self._add(name, found.get("value", ""))
        elif tag == "select":
            self._name = name
            self.fields[name] = []
        elif tag == "option" and (not self.fields[self._name] or "selected" in found):
            self.fields[self._name] = [found.get("value", "")]
        elif tag == "textarea":
            self._name, self._text = name, ""

    def handle_data(self, data):
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._text is not None:
            # A browser drops the line break behind the tag, and sends the others as two letters.
            self._add(self._name, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._text = None
        elif tag == "form":
            self._inside = False

    def _add(self, name, value):
        self.fields.setdefault(name, []).append(value)

    def type(self, **rows) -> "SheetForm":
        """`type(p05_t1={"figure": "200"})`; of a key the - stands as _."""
        for key, typed in rows.items():
            for name, text in typed.items():
                self.fields[f"{key.replace('_', '-')}.{name}"] = [text]
        return self

    def pick(self, *keys) -> "SheetForm":
        self.fields["pick"] = list(keys)
        return self

    def value(self, key: str, name: str) -> str:
        return self.fields[f"{key}.{name}"][0]
