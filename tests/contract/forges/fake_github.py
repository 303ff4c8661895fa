"""GitHub as far as we use it: stateful, paged, limited; every answer is checked against GitHub's own description."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DESCRIPTION = json.loads(Path(__file__).with_name("github_openapi.json").read_text(encoding="utf-8"))
LONGEST = 65_536
AT = "2026-11-23T00:00:00Z"
SOMEWHERE = "https://x/y"
USER_LINKS = ("followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url", "organizations_url",
              "repos_url", "events_url", "received_events_url", "avatar_url", "html_url", "url")  # fmt: skip
ISSUE_LINKS = ("url", "repository_url", "labels_url", "comments_url", "events_url", "html_url")
PULL_LINKS = ("url", "html_url", "diff_url", "patch_url")


class FakeGitHub:
    """One repository. `turn_away` answers the next requests with (status, headers); `lose` drops answers of POSTs."""

    def __init__(self, token="ghs_secretsecret", login="github-actions[bot]", may_ask_me=False):
        self.token, self.login, self.may_ask_me = token, login, may_ask_me
        self.comments, self.issues, self.log = {}, {}, []
        self.turn_away, self.lose, self.page_limit, self.next_host = [], 0, 100, None
        self._last = 1000

    def handle(self, method, path, query, headers, body):
        """(status, headers, JSON)."""
        self.log.append((method, path))
        if self.turn_away:
            status, extra = self.turn_away.pop(0)
            return status, extra, {"message": "You have exceeded a secondary rate limit", "documentation_url": "x"}
        if headers.get("authorization") != f"Bearer {self.token}":
            return 401, {}, {"message": "Bad credentials", "documentation_url": "x", "status": "401"}
        status, extra, answer = self._routed(method, path.split("/")[1:], query, body or {})
        check(method, path, status, answer)
        return status, extra, answer

    def _routed(self, method, parts, query, body):
        match (method, *parts):
            case ("GET", "user"):
                return (200, {}, self._me()) if self.may_ask_me else (403, {}, error("not accessible by integration"))
            case ("GET", "repos", "acme", "fleet", "issues", number, "comments"):
                return self._page([one for one in self.comments.values() if one["pull"] == number], query, parts)
            case ("POST", "repos", "acme", "fleet", "issues", number, "comments"):
                return self._add(number, body)
            case ("PATCH", "repos", "acme", "fleet", "issues", "comments", key) if key in self.comments:
                self.comments[key]["body"] = body["body"]
                return 200, {}, shown(self.comments[key])
            case ("DELETE", "repos", "acme", "fleet", "issues", "comments", key) if key in self.comments:
                del self.comments[key]
                return 204, {}, None
            case ("GET", "repos", "acme", "fleet", "issues"):
                labels = query.get("labels", "").split(",")
                found = [one for one in self.issues.values() if one["state"] == query.get("state", "open")]
                return self._page(
                    [one for one in found if {*labels} <= {x["name"] for x in one["labels"]}], query, parts
                )
            case ("POST", "repos", "acme", "fleet", "issues"):
                return 201, {}, shown(self.open(body["title"], body["body"], body["labels"]))
            case ("PATCH", "repos", "acme", "fleet", "issues", number) if number in self.issues:
                self.issues[number] |= {key: value for key, value in body.items() if key in ("title", "body", "state")}
                return 200, {}, shown(self.issues[number])
        return 404, {}, error("Not Found")

    def _add(self, number, body):
        if len(body["body"].encode("utf-16-le")) // 2 > LONGEST:
            return (
                422,
                {},
                {**error("Validation Failed"), "errors": [{"code": "custom", "message": "body is too long"}]},
            )
        return 201, {}, shown(self.comment(number, body["body"]))

    def comment(self, number, text, author=None):
        """A comment, by us or by another."""
        self._last += 1
        one = {
            "id": self._last, "node_id": "n", "html_url": "https://x/c", "issue_url": "https://x/i", "url": "https://x/u",
            "created_at": AT, "updated_at": AT, "user": user(author or self.login), "body": text, "pull": str(number),
            "author_association": "NONE",
        }  # fmt: skip
        self.comments[str(self._last)] = one
        return one

    def open(self, title, text, labels, author=None, pull=False):
        """An issue, or a pull request, which GitHub lists among them."""
        number = len(self.issues) + 1
        one = {
            "id": number, "node_id": "n", "number": number, "title": title, "body": text, "state": "open", "locked": False,
            "labels": [{"name": name} for name in labels], "user": user(author or self.login), "assignee": None,
            "milestone": None, "comments": 0, "closed_at": None, "created_at": AT, "updated_at": AT,
            "author_association": "NONE",
            **dict.fromkeys(ISSUE_LINKS, SOMEWHERE),
        }  # fmt: skip
        if pull:
            one["pull_request"] = dict.fromkeys(PULL_LINKS, SOMEWHERE)
        self.issues[str(number)] = one
        return one

    def _page(self, found, query, parts):
        size, page = min(int(query.get("per_page", 30)), self.page_limit), int(query.get("page", 1))
        rest = found[(page - 1) * size :]
        extra = {}
        if len(rest) > size:
            words = "&".join(f"{key}={value}" for key, value in {**query, "page": page + 1}.items())
            extra["link"] = f'<{self.next_host or self.url}/{"/".join(parts)}?{words}>; rel="next", <x>; rel="last"'
        return 200, extra, [shown(one) for one in rest[:size]]

    def _me(self):
        return {
            **user(self.login), "name": None, "company": None, "blog": None, "location": None, "email": None,
            "hireable": None, "bio": None, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
            "created_at": AT, "updated_at": AT,
        }  # fmt: skip


def check(method, path, status, answer):
    """An answer is one that GitHub's description knows."""
    parts = path.split("/")
    template = next(
        name for name in DESCRIPTION["paths"]
        if len(name.split("/")) == len(parts)
        and all(a.startswith("{") or a == b for a, b in zip(name.split("/"), parts, strict=True))
        and method.lower() in DESCRIPTION["paths"][name]
    )  # fmt: skip
    responses = DESCRIPTION["paths"][template][method.lower()]["responses"]
    response = responses[str(status)]
    if "$ref" in response:
        response = DESCRIPTION["components"]["responses"][response["$ref"].rpartition("/")[2]]
    if answer is None:
        assert "content" not in response
        return
    schema = with_null(response["content"]["application/json"]["schema"])
    Draft202012Validator(schema, registry=REGISTRY).validate(answer)


def with_null(value):
    """The schema for a validator that does not know `nullable`, with its references made absolute."""
    if isinstance(value, dict):
        made = {key: with_null(one) for key, one in value.items() if key != "nullable"}
        if isinstance(value.get("$ref"), str):
            made["$ref"] = f"urn:github{value['$ref']}"
        return {"anyOf": [made, {"type": "null"}]} if value.get("nullable") is True else made
    return [with_null(one) for one in value] if isinstance(value, list) else value


REGISTRY = Registry().with_resource(
    "urn:github", Resource({"components": with_null(DESCRIPTION["components"])}, DRAFT202012)
)


def user(login):
    """An account."""
    kind = {"login": login, "id": 1, "node_id": "n", "gravatar_id": "", "type": "Bot", "site_admin": False}
    return {**kind, **dict.fromkeys(USER_LINKS, SOMEWHERE)}


def error(message):
    """A refusal."""
    return {"message": message, "documentation_url": "https://docs.github.com/rest"}


def shown(one):
    """Without what is only ours."""
    return {key: value for key, value in one.items() if key != "pull"}


@contextmanager
def serving(fake):
    """The fake on a loopback socket; `fake.url` is its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            parts = urlsplit(self.path)
            size = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            headers = {key.lower(): value for key, value in self.headers.items()}
            query = dict(parse_qsl(parts.query))
            try:
                status, extra, answer = fake.handle(self.command, parts.path, query, headers, body)
            except Exception as exc:  # noqa: BLE001  # an answer that GitHub would not give fails the test that asked
                status, extra, answer = 599, {}, {"message": f"the fake is wrong: {exc}"}
            if self.command == "POST" and fake.lose:
                fake.lose -= 1
                self.close_connection = True
                return
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815  # http.server's names

        def log_message(self, *_):
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
