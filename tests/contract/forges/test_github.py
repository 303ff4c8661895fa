"""The client against a GitHub that is stateful, paged and limited, on a real socket."""

import pytest
from fake_github import FakeGitHub, check, serving
from jsonschema import ValidationError

from reconcile.gitops.forges.forge import Forge
from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.gitops.forges.shapes import GITHUB
from reconcile.gitops.sticky import Placed, place
from reconcile.report.comment.marker import Marker

NOW = 1_795_000_000.0


@pytest.fixture
def github():
    with serving(FakeGitHub()) as fake:
        yield fake


class Naps(list):
    """A `sleep` that only notes how long."""

    def __call__(self, seconds):
        self.append(seconds)


@pytest.fixture
def naps():
    return Naps()


@pytest.fixture
def forge(github, naps):
    with Api(GITHUB, github.url, github.token, sleep=naps, now=lambda: NOW) as api:
        yield Forge(api, "acme/fleet")


def text(words, name="plan", digest="sha256:1"):
    return f"{Marker(name, digest)}\n{words}\n"


def bodies(github):
    return [one["body"] for one in github.comments.values()]


def mutations(github):
    return [call for call in github.log if call[0] != "GET"]


def test_a_comment_is_made_once_and_kept_up_to_date_in_place(github, forge):
    assert place(forge, 7, text("one"), "plan") is Placed.CREATED
    assert place(forge, 7, text("one"), "plan") is Placed.UNCHANGED
    assert place(forge, 7, text("two", digest="sha256:2"), "plan") is Placed.UPDATED
    assert place(forge, 7, text("staging", "staging"), "staging") is Placed.CREATED

    assert bodies(github) == [text("two", digest="sha256:2"), text("staging", "staging")]
    assert [method for method, _ in mutations(github)] == ["POST", "PATCH", "POST"]


def test_nobody_elses_comment_is_touched_whatever_it_begins_with(github, forge):
    github.comment(7, text("forged"), author="mallory")
    github.comment(7, f"quoted: {text('ours')}")

    assert place(forge, 7, text("ours"), "plan") is Placed.CREATED
    assert bodies(github)[0] == text("forged")
    assert len(bodies(github)) == 3


def test_our_comment_is_found_on_a_later_page(github, forge):
    github.page_limit = 2
    for number in range(5):
        github.comment(7, f"talk {number}", author="ada")
    github.comment(7, text("old"))

    assert place(forge, 7, text("new"), "plan") is Placed.UPDATED
    assert bodies(github)[-1] == text("new")


def test_a_lost_answer_leaves_one_comment(github, forge):
    github.lose = 1

    assert place(forge, 7, text("one"), "plan") is Placed.CREATED
    assert bodies(github) == [text("one")]


def test_copies_of_ours_are_removed(github, forge):
    for _ in range(3):
        github.comment(7, text("one"))

    assert place(forge, 7, text("one"), "plan") is Placed.UNCHANGED
    assert len(bodies(github)) == 1


def test_limits_of_rate_are_waited_for_as_the_host_says(github, forge, naps):
    github.turn_away = [
        (403, {"retry-after": "7"}),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 11)}),
    ]

    assert place(forge, 7, text("one"), "plan") is Placed.CREATED
    assert naps == [7.0, 11.0]


def test_a_post_that_is_turned_away_goes_again_and_one_that_failed_does_not(github, forge, naps):
    github.turn_away = [(429, {"retry-after": "1"})]
    forge.add_comment(7, "one")
    github.turn_away = [(502, {})]
    with pytest.raises(ForgeError) as told:
        forge.add_comment(7, "two")

    assert told.value.may_have_landed
    assert bodies(github) == ["one"]
    assert naps == [1.0]


def test_a_wait_that_is_too_long_ends_in_words(github, forge, naps):
    github.turn_away = [(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 3_000)})]

    with pytest.raises(ForgeError, match="rate"):
        forge.add_comment(7, "one")
    assert naps == []


@pytest.mark.parametrize(("token", "repository", "words"), [
    ("ghp_wrong", "acme/fleet", "GITHUB_TOKEN"),
    ("ghs_secretsecret", "acme/other", "no such repository"),
])  # fmt: skip
def test_a_refusal_says_what_to_do_and_never_the_token(github, token, repository, words):
    with Api(GITHUB, github.url, token) as api, pytest.raises(ForgeError, match=words) as told:
        list(Forge(api, repository).comments(7))

    assert token not in str(told.value)


def test_a_text_beyond_the_limit_is_refused_in_words(github, forge):
    forge.add_comment(7, "机" * 65_536)
    with pytest.raises(ForgeError, match="too long"):
        forge.add_comment(7, "🛰" * 32_769)

    assert len(github.comments) == 1


def test_the_token_follows_no_page_to_another_host(github, forge):
    github.page_limit, github.next_host = 1, "http://127.0.0.1:9"
    github.comment(7, "a")
    github.comment(7, "b")

    with pytest.raises(ForgeError, match="another host"):
        list(forge.comments(7))


@pytest.mark.parametrize("repository", ["acme", "../etc/passwd", "a/..", "acme//x", ""])
def test_what_is_no_repository_is_refused_before_anything_is_asked(github, repository):
    with Api(GITHUB, github.url, github.token) as api, pytest.raises(ForgeError):
        Forge(api, repository)

    assert github.log == []


@pytest.mark.parametrize("address", ["http://git.example/api", "", "ftp://x", "git.example"])
def test_a_token_goes_nowhere_without_tls(address):
    with pytest.raises(ForgeError, match="https"):
        Api(GITHUB, address, "t")


def test_who_we_are_is_asked_where_it_may_be():
    with serving(FakeGitHub(login="ada", may_ask_me=True)) as fake, Api(GITHUB, fake.url, fake.token) as api:
        assert Forge(api, "acme/fleet").me == "ada"


def test_the_fake_is_held_to_githubs_description(github):
    good = github.comment(7, "x")
    path = "/repos/acme/fleet/issues/7/comments"
    check("POST", path, 201, {key: value for key, value in good.items() if key != "pull"})

    for wrong in ({**good, "id": "7"}, {**good, "user": {"login": 7}}, {}):
        with pytest.raises(ValidationError):
            check("POST", path, 201, wrong)
    with pytest.raises(KeyError):
        check("POST", path, 418, good)
