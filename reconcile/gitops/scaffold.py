"""The files of a fleet repository: manifests, and what its CI runs. Templates are package data (`templates/`)."""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

from reconcile.model.late import dataclass

_SOURCE: Final = re.compile(
    r"(?:https://(?P<host>[A-Za-z0-9.-]+(?::\d+)?)/)?(?P<path>[\w.-]+(?:/[\w.-]+)+)@(?P<commit>[0-9a-f]{40})",
    re.ASCII,
)
_BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*", re.ASCII)
_HOMES: Final = {"github": "github.com", "gitlab": "gitlab.com", "gitee": "gitee.com", "gitea": "gitea.com"}
_SCRIPTS: Final = (("generic/install.sh", "ci/install.sh"), ("generic/plan.sh", "ci/plan.sh"))
_BY_HAND: Final = (*_SCRIPTS, ("generic/apply.sh", "ci/apply.sh"))
_GITHUB: Final = tuple(
    (f"github/{name}.yml", f".github/workflows/{name}.yml") for name in ("plan", "comment", "apply", "recover", "drift")
)
PIPELINES: Final = {
    "github": _GITHUB,
    "gitlab": (*_SCRIPTS, ("gitlab/gitlab-ci.yml", ".gitlab-ci.yml")),
    "gitee": (*_BY_HAND, ("gitee/plan.yml", ".workflow/plan.yml"), ("gitee/apply.yml", ".workflow/apply.yml")),
    "gitea": (
        *_BY_HAND,
        ("gitea/plan.yml", ".gitea/workflows/plan.yml"),
        ("gitea/apply.yml", ".gitea/workflows/apply.yml"),
    ),
    "generic": _BY_HAND,
}
"""Template and place of every file of a CI, by the words of `--ci`."""

_FLEET: Final = (
    ("fleet/fleet.yaml", "manifests/fleet.yaml"),
    ("fleet/devices.csv", "manifests/inventory/devices.csv"),
)
STARTERS: Final = frozenset({"README.md", ".gitignore"})
"""Files that a repository has of its own, as a rule: written where none is, and then its owner's."""

_ABOUT: Final = (("fleet/gitignore", ".gitignore"), ("fleet/README.md", "README.md"))


@dataclass(frozen=True, slots=True)
class Source:
    """Where reconcile itself is fetched from: nothing publishes it, so a repository and a commit of it are named."""

    host: str
    path: str
    commit: str

    @property
    def url(self) -> str:
        """To clone from."""
        return f"https://{self.host}/{self.path}"

    @property
    def is_placeholder(self) -> bool:
        """True where nobody has said yet which commit."""
        return not self.commit.strip("0")


@dataclass(frozen=True, slots=True)
class Planted:
    """One file: its place in the repository with `/`, and its text."""

    path: str
    text: str


def read_source(text: str | None, ci: str | None) -> Source:
    """`[https://HOST/]OWNER/NAME@COMMIT`; without one a placeholder to fill in. Raises: ValueError."""
    home = _HOMES.get(ci or "", "github.com")
    if text is None:
        return Source(home, "OWNER/reconcile", "0" * 40)
    found = _SOURCE.fullmatch(text)
    if found is None or ".." in text:
        raise ValueError(f"{text!r} names no commit. Write [https://HOST/]OWNER/NAME@COMMIT with all 40 digits of it.")
    return Source(found["host"] or home, found["path"].removesuffix(".git"), found["commit"])


def read_branch(text: str) -> str:
    """The branch that is applied, as it may stand in YAML and shell. Raises: ValueError."""
    if not _BRANCH.fullmatch(text) or ".." in text or text.endswith(("/", ".lock")):
        raise ValueError(f"{text!r} is no name of a branch: letters, digits, `.`, `_`, `-` and `/`.")
    return text


def planted(ci: str | None, source: Source, branch: str, schema: str, *, with_manifests: bool = True) -> list[Planted]:
    """Every file, with what belongs to this repository filled in; `schema` is the text of the manifests' schema.

    Without `with_manifests` only what stands around them: a fleet that is there already is left as it is.
    """
    rows = PIPELINES[ci] if ci is not None else ()
    filled = {
        "__BRANCH__": branch,
        "__ACTION__": f"{source.path}@{source.commit} # reconcile",
        "__SOURCE_URL__": source.url,
        "__SOURCE_COMMIT__": source.commit,
        "__HOST__": ci if ci is not None and ci in _HOMES else "github",
        "__STATE__": _state(ci),
        "__CI_ROWS__\n": "".join(f"| `{place}` | {_purpose(place)} |\n" for _, place in rows),
    }
    chosen = [*(_FLEET if with_manifests else ()), *_ABOUT, *rows]
    files = [Planted(place, _filled(template, filled)) for template, place in chosen]
    return [*files, Planted("schemas/manifest.schema.json", schema)]


def _filled(template: str, filled: dict[str, str]) -> str:
    text = resources.files("reconcile.gitops").joinpath("templates", *template.split("/")).read_text(encoding="utf-8")
    for name, value in filled.items():
        text = text.replace(name, value)
    return text


def _state(ci: str | None) -> str:
    """On the host of the repository where a pipeline runs, else beside the manifests."""
    if ci is None:
        return "{backend: sqlite, path: .reconcile/state.db}"
    return "{backend: gitref, remote: origin, environment: production}    # a ref of this repository; or postgres"


def _purpose(place: str) -> str:
    name = place.rsplit("/", 1)[-1].removesuffix(".yml").removesuffix(".sh")
    return {
        "plan": "the plan of a change",
        "comment": "the plan as a comment on its pull request",
        "apply": "after the merge: plan again, approve, apply",
        "recover": "settles attempts in doubt, hourly",
        "drift": "an issue for each kind of drift, daily",
        "install": "installs reconcile at one commit",
        ".gitlab-ci": "plan, comment, approve, apply, recover, drift",
    }[name]
