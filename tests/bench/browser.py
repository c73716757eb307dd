"""The little of a browser that measuring needs: one connection, cookies, forms, a page's files."""

import json
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from tests.bench.counting import ASKED, TOLD

#: Browsers offer Brotli over HTTPS only; this is what they offer without.
ENCODINGS = "gzip, deflate"
BOUNDARY = "ayumi-bench-boundary"


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]
    milliseconds: float

    @property
    def size(self) -> int:
        return len(self.body)

    @property
    def statements(self) -> int:
        return int(self.headers.get(TOLD.lower(), 0))


@dataclass
class Person:
    """Somebody's cookies."""

    cookies: dict[str, str] = field(default_factory=dict)


class Form(HTMLParser):
    """The fields of a page's first form that posts, as a browser would send them back."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.files: list[str] = []
        self._inside, self._done, self._text, self._select = False, False, "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self._file(tag, given)
        if tag == "form" and given.get("method", "").lower() == "post":
            posts_here = not self._done and "language" not in given.get("action", "")
            self._inside = posts_here and "logout" not in given.get("action", "")
        if not self._inside or not (name := given.get("name") or self._select):
            return
        kind = given.get("type", "text")
        if tag == "textarea":
            self._text = name
            self.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = given.get("value", "")
        elif tag == "input" and (kind not in {"radio", "checkbox", "submit"} or "checked" in given):
            self.fields[name] = given.get("value", "")

    def handle_data(self, data):
        if self._text:
            self.fields[self._text] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._text = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form" and self._inside:
            self._inside, self._done = False, True

    def _file(self, tag, given):
        if tag == "link" and {"stylesheet", "icon"} & set(given.get("rel", "").split()):
            self.files.append(given["href"])
        elif tag in {"script", "img"} and "src" in given:
            self.files.append(given["src"])


class Browser:
    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.connect()

    def ask(self, method, url, person, data=None, *, count=False, packed=True, more=None) -> Answer:
        """`data` is a form's fields, or bytes as they are; `more` are headers."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in person.cookies.items())}
        headers |= {"Accept-Language": "ja", "Referer": f"http://{self.host}{url}"}
        headers |= {"Accept-Encoding": ENCODINGS} if packed else {}
        headers |= {ASKED: "1"} if count else {}
        body = urlencode(data) if isinstance(data, dict) else data
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers |= more or {}
        started = time.perf_counter()
        self.connection.request(method, url, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        taken = (time.perf_counter() - started) * 1000
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                person.cookies[name] = morsel.value
        told = {name.lower(): value for name, value in response.headers.items()}
        if response.status >= 400:
            raise SystemExit(f"bench: {method} {url} was answered with {response.status}.")
        return Answer(response.status, content, told, taken)

    def get(self, url, person, *, count=False) -> Answer:
        answer = self.ask("GET", url, person, count=count)
        if answer.status != 200:
            raise SystemExit(f"bench: {url} leads to {answer.headers.get('location')}.")
        return answer

    def form(self, url, person) -> dict[str, str]:
        return Form(self.ask("GET", url, person, packed=False).body.decode()).fields

    def log_in(self, username: str, password: str) -> Person:
        person = Person()
        fields = self.form("/login/", person) | {"username": username, "password": password}
        if self.ask("POST", "/login/", person, fields).status != 302:
            raise SystemExit(f"bench: {username} could not log in.")
        return person

    def save(self, url, person, *, figure: str, count=False) -> Answer:
        """Send the form of a target with another figure; only the sending is timed."""
        fields = self.form(url, person) | {"value": figure, "missing": ""}
        answer = self.ask("POST", url, person, fields, count=count)
        if answer.status != 302:
            raise SystemExit(f"bench: {url} did not take the figure {figure}.")
        return answer

    def cell(self, url, person, row, *, figure: str, count=False) -> tuple[Answer, dict]:
        """Send one cell as the sheet does, upon the `row` that stands; the answer and its row."""
        typed = {"field": "figure", "text": figure, "was": row["figure"], "version": row["version"]}
        typed["csrfmiddlewaretoken"] = person.cookies["csrftoken"]
        as_json = {"Accept": "application/json"}
        answer = self.ask("POST", url, person, typed, count=count, packed=False, more=as_json)
        return answer, json.loads(answer.body)["row"]

    def upload(self, url, person, name: str, content: bytes, **more) -> Answer:
        """Send a file as the form with one field for it does, and look at what comes back."""
        lines = [
            f"--{BOUNDARY}",
            'Content-Disposition: form-data; name="csrfmiddlewaretoken"',
            "",
            person.cookies["csrftoken"],
            f"--{BOUNDARY}",
            f'Content-Disposition: form-data; name="file"; filename="{name}"',
            "Content-Type: application/octet-stream",
            "",
            "",
        ]
        body = "\r\n".join(lines).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        of_form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.ask("POST", url, person, body, more=of_form, **more)

    def weigh(self, url, person) -> tuple[int, int]:
        """Bytes sent for a page with its files, and how many requests that takes."""
        page = self.get(url, person)
        plain = self.ask("GET", url, person, packed=False).body.decode()
        files = {urlsplit(urljoin(url, file)).path for file in Form(plain).files}
        return page.size + sum(self.get(f, person).size for f in files), 1 + len(files)
