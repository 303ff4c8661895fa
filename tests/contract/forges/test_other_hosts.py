"""What tells GitLab, Gitee and Gitea apart, by their documented shapes: addresses, tokens, pages, names of fields."""

import json

import httpx
import pytest

from reconcile.gitops.forges.forge import Forge
from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.gitops.forges.place import api_of, pull_request
from reconcile.gitops.forges.shapes import SHAPES
from reconcile.gitops.sticky import Placed, place
from reconcile.report.comment.marker import Marker

TEXT = f"{Marker('plan', 'sha256:1')}\nwords\n"
CASES = {
    "gitlab": ("/api/v4", "private-token", "t", "/projects/a%2Fb%2Fc/merge_requests/7/notes", "PUT", "notes/5"),
    "gitee": ("/api/v5", "authorization", "token t", "/repos/a/b/pulls/7/comments", "PATCH", "pulls/comments/5"),
    "gitea": ("/api/v1", "authorization", "token t", "/repos/a/b/issues/7/comments", "PATCH", "issues/comments/5"),
}


def served(host, answers):
    """A forge whose requests are kept, and the kept ones. `answers` are by method and end of the path."""
    seen = []

    def handle(request):
        seen.append(request)
        path = request.url.raw_path.decode().partition("?")[0]
        status, body, headers = next(
            found for key, found in answers.items() if f"{request.method} {path}".endswith(key)
        )
        return httpx.Response(status, content=json.dumps(body), headers=headers)

    base, repository = CASES[host][0], "a/b/c" if host == "gitlab" else "a/b"
    api = Api(
        SHAPES[host], f"https://git.example{base}", "t", sleep=lambda _: None, transport=httpx.MockTransport(handle)
    )
    return api, repository, seen


def comment(host, author, text):
    who = {"author": {"username": author}} if host == "gitlab" else {"user": {"login": author}}
    return {"id": 5, "body": text, **who}


@pytest.mark.parametrize("host", CASES)
def test_a_comment_is_updated_where_the_host_keeps_it(host):
    base, header, token, listed, edit, edited = CASES[host]
    me = {"username": "bot"} if host == "gitlab" else {"login": "bot"}
    answers = {
        "GET /user": (200, me, {}),
        listed.rpartition("/")[2]: (200, [comment(host, "eve", TEXT), comment(host, "bot", TEXT + "old")], {}),
        edited: (200, {}, {}),
    }
    answers = {"/user": answers["GET /user"], edited: answers[edited], **answers}
    api, repository, seen = served(host, answers)

    with api:
        assert place(Forge(api, repository), 7, TEXT, "plan") is Placed.UPDATED

    assert seen[0].url.raw_path.decode().startswith(base + listed)
    assert all(request.headers[header] == token for request in seen)
    assert seen[-1].method == edit
    assert seen[-1].url.raw_path.decode().endswith(edited)
    assert json.loads(seen[-1].content) == {"body": TEXT}


@pytest.mark.parametrize(("host", "first", "pages"), [
    ("gitlab", {"x-next-page": "2"}, 2), ("gitlab", {"x-next-page": ""}, 1), ("gitee", {}, 2),
])  # fmt: skip
def test_pages_follow_each_other_as_the_host_has_it(host, first, pages):
    asked = []

    def handle(request):
        asked.append(request.url.params["page"])
        full = [comment(host, "x", str(n)) for n in range(100)]
        return httpx.Response(200, json=full if len(asked) == 1 else full[:3], headers=first if len(asked) == 1 else {})

    with Api(SHAPES[host], "https://git.example", "t", transport=httpx.MockTransport(handle)) as api:
        found = list(Forge(api, "a/b").comments(7))

    assert asked == [str(page) for page in range(1, pages + 1)]
    assert len(found) == (103 if pages == 2 else 100)


def test_issues_are_opened_and_closed_in_the_words_of_gitlab():
    api, repository, seen = served("gitlab", {"/issues": (201, {}, {}), "/issues/3": (200, {}, {})})

    with api:
        Forge(api, repository).open_issue("title", "text", "label")
        Forge(api, repository).close_issue("3")

    assert [json.loads(one.content) for one in seen] == [
        {"title": "title", "description": "text", "labels": "label"},
        {"state_event": "close"},
    ]


def test_where_to_post_is_read_from_options_and_environment():
    assert pull_request("acme/fleet#12") == ("acme/fleet", 12)
    assert pull_request("group/sub/fleet!3") == ("group/sub/fleet", 3)
    for wrong in ("acme/fleet", "#3", "acme#3", "acme/fleet#0", "acme/fleet#x", "a b/c#1"):
        with pytest.raises(ForgeError):
            pull_request(wrong)
    assert api_of("github", "", {"GITHUB_TOKEN": "t", "GITHUB_API_URL": "https://ghe.example/api/v3"}).base.startswith(
        "https://ghe.example"
    )
    with pytest.raises(ForgeError, match="GITEE_TOKEN"):
        api_of("gitee", "", {})
    with pytest.raises(ForgeError, match="--api-url"):
        api_of("gitea", "", {"GITEA_TOKEN": "t"})
    for wrong in ("qqq\n", "qqq www", "ключ"):
        with pytest.raises(ForgeError) as told:
            api_of("github", "", {"GITHUB_TOKEN": wrong})
        assert wrong.strip() not in str(told.value)
