"""Comments and issues of one repository, in the words of no host in particular."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.gitops.forges.nouns import Comment, Issue
from reconcile.model.values import Json, JsonObject


class Forge:
    """A repository on a host. Raises: ForgeError from every method."""

    def __init__(self, api: Api, repository: str) -> None:
        self._api = api
        try:
            self._repo = api.shape.repo(repository)
        except ValueError as exc:
            raise ForgeError(f"{repository!r} is no repository. Write OWNER/NAME.") from exc

    @cached_property
    def me(self) -> str:
        """Whom the host says the token belongs to; the host's robot where a token may not ask."""
        try:
            found = self._api.ask("GET", self._api.shape.me)
        except ForgeError as exc:
            if exc.status in (403, 404) and self._api.shape.bot:
                return self._api.shape.bot
            raise
        login = found.get(self._api.shape.author[1]) if isinstance(found, dict) else None
        return login if isinstance(login, str) else ""

    def comments(self, number: int) -> Iterator[Comment]:
        """Those of a pull request, oldest first."""
        for body in self._api.pages(self._path(self._api.shape.comments, number=number)):
            yield Comment(str(body.get("id", "")), self._author(body), _text(body.get("body")))

    def add_comment(self, number: int, text: str) -> None:
        """A new comment."""
        shape = self._api.shape
        self._api.ask("POST", self._path(shape.comments, number=number), shape.comment_text(text))

    def edit_comment(self, number: int, comment: str, text: str) -> None:
        """Another text for a comment."""
        shape = self._api.shape
        self._api.ask(shape.edit, self._path(shape.comment, number=number, id=comment), shape.comment_text(text))

    def remove_comment(self, number: int, comment: str) -> None:
        """The comment goes."""
        self._api.ask("DELETE", self._path(self._api.shape.comment, number=number, id=comment))

    def issues(self, label: str) -> Iterator[Issue]:
        """Open issues with a label; pull requests, which some hosts list among them, are left out."""
        shape = self._api.shape
        for body in self._api.pages(self._path(shape.issues), state=shape.open_state, labels=label):
            if not body.get("pull_request"):
                number = str(body.get(shape.number, ""))
                title, text = _text(body.get("title")), _text(body.get(shape.text))
                yield Issue(number, self._author(body), title, text)

    def open_issue(self, title: str, text: str, label: str) -> None:
        """A new issue."""
        shape = self._api.shape
        labels: Json = [label] if shape.labels == "list" else label
        self._api.ask("POST", self._path(shape.issues), {"title": title, shape.text: text, "labels": labels})

    def edit_issue(self, number: str, title: str, text: str) -> None:
        """Another title and text."""
        shape = self._api.shape
        self._api.ask(shape.edit, self._path(shape.issue, number=number), {"title": title, shape.text: text})

    def close_issue(self, number: str) -> None:
        """The issue is closed."""
        shape = self._api.shape
        closing: JsonObject = dict(shape.closing)
        self._api.ask(shape.edit, self._path(shape.issue, number=number), closing)

    def _author(self, body: JsonObject) -> str:
        outer, inner = self._api.shape.author
        who = body.get(outer)
        return _text(who.get(inner)) if isinstance(who, dict) else ""

    def _path(self, template: str, **values: str | int) -> str:
        for value in values.values():
            if not str(value).isdecimal():
                raise ForgeError(f"{value!r} is no number of a pull request, an issue or a comment.")
        return template.format(repo=self._repo, **values)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
