"""The runner itself: GitHub's rules for expressions and files, and a no to whatever it does not know."""

import pytest
import workflow_document
from workflow_expressions import NotUnderstood, filled, holds, value
from workflow_runner import Run, pairs, play

CONTEXTS = {
    "github": {"ref": "refs/heads/main", "event": {"number": 7.0, "draft": False, "labels": ["A", "b"]}},
    "needs": {"plan": {"result": "success", "outputs": {"decision": "Ask"}}},
    "secrets": {},
}
WELL = {"always": True, "success": True, "failure": False, "cancelled": False}
BADLY = {"always": True, "success": False, "failure": True, "cancelled": False}
HEAD = "permissions: {}\non: {push: {branches: [main]}}\n"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("needs.plan.outputs.decision == 'ask'", True),
        ("needs.plan.outputs['decision'] != 'ask' || github.ref == 'REFS/heads/main'", True),
        ("!github.event.draft && github.event.number == 7", True),
        ("secrets.NONE", None),
        ("secrets.NONE == ''", True),
        ("needs.other.outputs.x", None),
        ("null == 0", True),
        ("'a' == 0", False),
        ("github.event.number >= '7'", True),
        ("secrets.NONE || 'other'", "other"),
        ("github.ref && 'yes'", "yes"),
        ("'it''s'", "it's"),
        ("contains(github.event.labels, 'a') && startsWith(github.ref, 'refs/HEADS')", True),
        ("true && (false || !true)", False),
    ],
)
def test_an_expression_comes_to_what_github_says(text, result):
    assert value(text, CONTEXTS) == result


@pytest.mark.parametrize(
    "text",
    ["", "vars.x", "hashFiles('a')", "github.event.*.x", "'open", "a b", "github.", "1 +1 1", "success()", "(true", "github.ref =="],
)  # fmt: skip
def test_an_expression_beyond_that_is_refused(text):
    with pytest.raises(NotUnderstood):
        value(text, CONTEXTS)


@pytest.mark.parametrize(
    ("condition", "well", "badly"),
    [
        ("true", True, False),
        ("${{ github.ref == 'refs/heads/main' }}", True, False),
        ("always()", True, True),
        ("failure()", False, True),
        ("!cancelled() && needs.plan.result == 'success'", True, True),
        ("false", False, False),
    ],
)
def test_a_condition_means_success_too_unless_it_asks(condition, well, badly):
    assert (holds(condition, CONTEXTS, WELL), holds(condition, CONTEXTS, BADLY)) == (well, badly)


def test_a_text_is_filled_and_one_that_does_not_end_is_refused():
    assert filled("n=${{ github.event.number }} ${{ secrets.NONE }}.", CONTEXTS) == "n=7 ."
    with pytest.raises(NotUnderstood, match="does not end"):
        filled("${{ github.ref", CONTEXTS)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (HEAD + "jobs: {a: {steps: [{run: x, continue-on-error: true}]}}", "continue-on-error"),
        (HEAD + "jobs: {a: {strategy: {}, steps: []}}", "strategy"),
        (HEAD + "jobs: {}\ndefaults: {}", "defaults"),
        ("permissions: {}\non: issue_comment\njobs: {}", "issue_comment"),
        ("permissions: {}\non: {push: {paths: [x]}}\njobs: {}", "paths"),
        ("on: push\njobs: {a: {steps: []}}", "permissions"),
        ("on: push\npermissions: write-all\njobs: {a: {steps: []}}", "write-all"),
        (HEAD + "jobs: {a: {permissions: {packages: write}, steps: []}}", "packages"),
        (HEAD + "jobs: {a: {permissions: {contents: admin}, steps: []}}", "admin"),
    ],
)
def test_a_word_that_is_not_carried_out_is_refused(text, word):
    with pytest.raises(NotUnderstood, match=word):
        workflow_document.workflow(text)


def test_the_files_of_a_step_are_read_as_the_runner_reads_them():
    assert pairs("a=1\nb<<END\ntwo=2\n\nx\nEND\nc=d=e\n") == {"a": "1", "b": "two=2\n\nx", "c": "d=e"}
    with pytest.raises(OSError, match="without"):
        pairs("no mark\n")


@pytest.fixture
def played(host):
    """Carries out a workflow of these jobs, of a fork or not."""

    def run(jobs, *, is_fork=False):
        document = workflow_document.workflow(HEAD + "jobs:\n" + jobs)
        made = Run(host, "1", "push", {"title": "$(touch bad)"}, "refs/heads/main", "0" * 40, is_fork=is_fork)
        return play(made, document, host.folder / "machines")

    return run


STEPS = """\
  first:
    outputs: {said: "${{ steps.one.outputs.word }}"}
    steps:
      - id: one
        run: |
          echo word=hello >> "$GITHUB_OUTPUT"
          echo NEXT=n >> "$GITHUB_ENV"
          mkdir p
          printf "#!/bin/sh\\necho tool\\n" > p/t
          chmod +x p/t
          echo "$PWD/p" >> "$GITHUB_PATH"
      - {run: 't; echo "$NEXT"; false | true; echo piped; jq -r .title "$GITHUB_EVENT_PATH"'}
      - {run: 'false | true', shell: bash}
      - {run: echo never}
      - {if: failure(), run: echo "## after" >> "$GITHUB_STEP_SUMMARY"}
  second:
    needs: first
    steps: [{run: echo never}]
  third:
    needs: [first]
    if: ${{ !cancelled() && needs.first.outputs.said == 'hello' }}
    steps: [{run: 'ls -A; echo third'}]
"""  # one step a line


def test_steps_and_jobs_hand_on_what_they_say(played):
    run = played(STEPS)
    first = run.jobs["first"]

    assert "tool\nn\npiped\n$(touch bad)\n-- exit 0" in first.log
    assert "never" not in run.said()
    assert first.summary == "## after\n"
    assert [job.result for job in run.jobs.values()] == ["failure", "skipped", "success"]
    assert run.jobs["third"].log.endswith("\nthird\n-- exit 0\n")
    assert run.conclusion == "failure"


CALL = """\
  call:
    environment: fleet-plan
    permissions: {PERMISSIONS}
    env: {TOKEN: "${{ github.token }}", KEY: "${{ secrets.ALIYUN_SK }}"}
    steps:
      - run: |
          python3 - <<'END'
          import os, urllib.error, urllib.request
          for path, body in (("issues", b'{"title": "a", "body": "b", "labels": []}'), ("pulls?head=", None)):
              head = {"authorization": "Bearer " + os.environ["TOKEN"]}
              address = os.environ["GITHUB_API_URL"] + "/repos/acme/fleet/" + path
              try:
                  print(path, urllib.request.urlopen(urllib.request.Request(address, body, head)).status)
              except urllib.error.HTTPError as exc:
                  print(path, exc.code)
          print("key", bool(os.environ["KEY"]))
          END
"""


@pytest.mark.parametrize(
    ("permissions", "is_fork", "said"),
    [
        ("issues: write", False, ("issues 201", "pulls?head= 403", "key True")),
        ("issues: read, pull-requests: read", False, ("issues 403", "pulls?head= 200", "key True")),
        ("issues: write, pull-requests: write", True, ("issues 403", "pulls?head= 200", "key False")),
    ],
)
def test_a_token_may_do_what_its_job_was_given_and_a_fork_gets_no_secrets(played, host, permissions, is_fork, said):
    job = played(CALL.replace("PERMISSIONS", permissions), is_fork=is_fork).jobs["call"]

    assert all(one in job.log for one in said), job.log
    assert not any(token.startswith("ghs_1_") for token in host.github.grants), "a token ends with its job"


PUSH = """\
  push:
    permissions: {contents: LEVEL}
    steps:
      - {run: "git clone -q ADDRESS . && git push -q origin HEAD:refs/heads/other"}
"""


def test_only_a_token_that_may_write_contents_pushes(played, host):
    for level, result in (("read", "failure"), ("write", "success")):
        run = played(PUSH.replace("LEVEL", level).replace("ADDRESS", host.address))
        assert run.jobs["push"].result == result, run.said()
        host.folder = host.folder / level
        host.folder.mkdir()


@pytest.mark.parametrize(
    ("step", "word"),
    [
        ("{uses: actions/cache@" + "0" * 40 + "}", "actions/cache"),
        ("{uses: actions/checkout@v4}", "without its commit"),
        ("{uses: actions/checkout@" + "0" * 40 + "}", "keeps its token"),
        ("{uses: actions/checkout@" + "0" * 40 + ", with: {submodules: true}}", "submodules"),
        ("{run: x, shell: pwsh}", "pwsh"),
    ],
)
def test_an_action_or_shell_that_is_not_known_is_refused(played, step, word):
    with pytest.raises(NotUnderstood, match=word):
        played(f"  a:\n    steps: [{step}]\n")
