"""Carries out a workflow's jobs and steps as GitHub's runner does, on this machine, against the fake GitHub.

Done as there: `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_STEP_SUMMARY`, `GITHUB_PATH`, `GITHUB_EVENT_PATH`, outputs of steps
and jobs, conditions, environments with their secrets and reviewers, and a token for each job that may do what its
`permissions` say. Jobs run one after another; a job's workspace is new. Not done: services, containers, matrices,
caches, masks in logs, time limits, concurrency groups.
"""

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import known_actions
import workflow_document
from workflow_expressions import filled, holds

OURS = Path(__file__).resolve().parents[2]
SHELLS = {None: ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}
GRACE_S = (7.5, 2.5)
"""From SIGINT to SIGTERM, and from there to SIGKILL. Source: actions/runner, ProcessInvoker.cs."""


@dataclass
class Run:
    """One run of a workflow: what it is about, and what its jobs came to."""

    host: Any
    id: str
    event: str
    payload: dict
    ref: str
    commit: str
    jobs: dict = field(default_factory=dict)
    is_fork: bool = False

    @property
    def conclusion(self):
        """Of the whole run."""
        return "failure" if any(one.result == "failure" for one in self.jobs.values()) else "success"

    def said(self):
        """The log of every step."""
        return "\n".join(f"== {name}: {job.result}\n{job.log}" for name, job in self.jobs.items())


class Job:
    """One job on a machine of its own: a folder."""

    def __init__(self, run, name, said, folder):
        self.run, self.name, self.said, self.folder = run, name, said, folder
        self.workspace, self.temp = folder / "work", folder / "temp"
        self.result, self.outputs, self.log, self.summary = "success", {}, "", ""
        self.path, self.env, self.steps = [], {}, {}
        self.started = None

    def carry_out(self, needs):
        """Every step, until one fails; those that ask for it still after."""
        host = self.run.host
        for folder in (self.workspace, self.temp, self.folder / "home"):
            folder.mkdir(parents=True)
        token = f"ghs_{self.run.id}_{self.name}"
        granted = self.said["permissions"]
        host.github.grants[token] = (
            {k: "read" for k in granted if granted[k] != "none"} if self.run.is_fork else granted
        )
        (self.folder / "event.json").write_text(json.dumps(self.run.payload), encoding="utf-8")
        self.contexts = {
            "github": {"event": self.run.payload, "token": token, "ref": self.run.ref, "sha": self.run.commit,
                       "event_name": self.run.event, "repository": "acme/fleet", "run_id": self.run.id},
            "secrets": {**({} if self.run.is_fork else host.secrets.get(self.said.get("environment"), {})),
                        "GITHUB_TOKEN": token},
            "needs": needs, "runner": {"temp": str(self.temp), "os": "Linux"}, "steps": self.steps, "env": self.env,
        }  # fmt: skip
        self.env |= {key: filled(text, self.contexts) for key, text in self.said.get("env", {}).items()}
        try:
            self.play(self.said["steps"], self.contexts, {})
            given = self.said.get("outputs", {}).items()
            self.outputs = {key: filled(text, self.contexts) for key, text in given}
        finally:
            del host.github.grants[token]

    def play(self, steps, contexts, outer):
        """Steps of the job, or of an action that one of them uses."""
        for number, step in enumerate(steps):
            failed = self.result != "success"
            status = {"always": True, "success": not failed, "failure": failed, "cancelled": False}
            if not holds(step.get("if", "success()"), contexts, status):
                continue
            env = {**outer, **{key: filled(text, contexts) for key, text in step.get("env", {}).items()}}
            self.log += f"-- {step.get('name', step.get('uses', number))}\n"
            try:
                ok, outputs = self.one(step, contexts, env)
            except (OSError, subprocess.CalledProcessError) as exc:
                ok, outputs = False, {}
                self.log += f"{exc}\n{getattr(exc, 'stderr', '')}"
            contexts["steps"][step.get("id", f"_{number}")] = {
                "outputs": outputs, "outcome": "success" if ok else "failure", "conclusion": "success" if ok else "failure",
            }  # fmt: skip
            if not ok:
                self.result = "failure"

    def one(self, step, contexts, env):
        """(whether it went well, its outputs)."""
        if "run" in step:
            return self.script(filled(step["run"], contexts), step.get("shell"), env)
        name, _, commit = step["uses"].partition("@")
        given = {key: filled(text, contexts) for key, text in step.get("with", {}).items()}
        if len(commit) != 40:
            workflow_document.refuse(f"an action without its commit: {step['uses']}")
        if name == self.run.host.action:
            document = workflow_document.action((OURS / "action.yml").read_text(encoding="utf-8"))
            declared = document.get("inputs", {})
            known_actions.inputs(given, set(declared))
            inner = {key: given.get(key, row.get("default", "")) for key, row in declared.items()}
            here = {key: contexts[key] for key in ("github", "runner", "env")} | {"inputs": inner, "steps": {}}
            self.play(document["runs"]["steps"], here, {**env, "GITHUB_ACTION_PATH": str(OURS)})
            return self.result == "success", {}
        if name not in known_actions.ACTIONS:
            workflow_document.refuse(f"the action {name}")
        known_actions.ACTIONS[name](self, given)
        return True, {}

    def script(self, text, shell, env):
        """A `run:` in the shell that GitHub would take, with the files through which a step says things."""
        if shell not in SHELLS:
            workflow_document.refuse(f"the shell {shell}")
        number = len(list(self.folder.glob("step-*")))
        files = self.folder / f"step-{number}"
        files.mkdir()
        script = files / "script.sh"
        script.write_text(text, encoding="utf-8")
        names = {f"GITHUB_{name}": files / name.lower() for name in ("ENV", "OUTPUT", "STEP_SUMMARY", "PATH")}
        for path in names.values():
            path.touch()
        environ = {**self.machine_env(), **self.env, **env, **{key: str(path) for key, path in names.items()}}
        with (files / "log").open("wb") as log:
            process = subprocess.Popen(
                [*SHELLS[shell], str(script)], cwd=self.workspace, env=environ, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            if self.run.host.cancels is not None:
                self.run.host.cancels(text, process)
            code = process.wait(timeout=60)
            with suppress(ProcessLookupError):  # what the step left running is ended at the end of a job
                os.killpg(process.pid, signal.SIGKILL)
        self.log += (files / "log").read_text(encoding="utf-8", errors="replace") + f"-- exit {code}\n"
        self.env |= pairs(names["GITHUB_ENV"].read_text(encoding="utf-8"))
        self.path[:0] = reversed(names["GITHUB_PATH"].read_text(encoding="utf-8").splitlines())
        self.summary += names["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        return code == 0, pairs(names["GITHUB_OUTPUT"].read_text(encoding="utf-8"))

    def machine_env(self):
        """What every process of the job finds."""
        may_write = self.said["permissions"].get("contents") == "write" and not self.run.is_fork
        return {
            "PATH": os.pathsep.join([*self.path, os.environ["PATH"]]), "HOME": str(self.folder / "home"), "CI": "true",
            "LANG": "C.UTF-8", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0",
            "FAKE_GITHUB_CONTENTS": "write" if may_write else "read",
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/fleet", "GITHUB_SHA": self.run.commit,
            "GITHUB_REF": self.run.ref, "GITHUB_RUN_ID": self.run.id, "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_EVENT_NAME": self.run.event, "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_API_URL": self.run.host.github.url, "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temp),
        }  # fmt: skip


def play(run, document, folder):
    """Every job in the order of their needs; an environment with reviewers is asked for before its job starts."""
    waiting = dict(document["jobs"])
    while waiting:
        name = next(name for name, said in waiting.items() if not set(said["needs"]) & set(waiting))
        said = waiting.pop(name)
        job = run.jobs[name] = Job(run, name, said, folder / f"run-{run.id}-{name}")
        before = [run.jobs[other] for other in said["needs"]]
        needs = {one.name: {"result": one.result, "outputs": one.outputs} for one in before}
        results = {one.result for one in before}
        status = {
            "always": True,
            "success": results <= {"success"},
            "failure": "failure" in results,
            "cancelled": False,
        }
        here = {"needs": needs, "github": {"ref": run.ref, "event": run.payload, "event_name": run.event}}
        if not holds(said.get("if", "success()"), here, status):
            job.result = "skipped"
        elif not run.host.lets_pass(run, said.get("environment")):
            job.result = "failure"
        else:
            job.carry_out(needs)
    return run


def cancel(process, factor):
    """What the runner does to a step that is cancelled, its waits shortened: signals go to the shell's process alone."""
    for number, grace_s in zip((signal.SIGINT, signal.SIGTERM), GRACE_S, strict=True):
        process.send_signal(number)
        try:
            process.wait(grace_s * factor)
        except subprocess.TimeoutExpired:
            continue
        return number
    os.killpg(process.pid, signal.SIGKILL)
    return signal.SIGKILL


def pairs(text):
    """`name=value` lines and `name<<END` blocks."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, mark, end = line.partition("<<")
        if mark and "=" not in name:
            rest = []
            for one in lines:
                if one == end:
                    break
                rest.append(one)
            found[name] = "\n".join(rest)
        elif line:
            name, mark, one = line.partition("=")
            if not mark:
                raise OSError(f"a line without `=` in a file of the runner: {line!r}")
            found[name] = one
    return found
