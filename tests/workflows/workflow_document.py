"""A workflow or composite action as YAML: every word in it is one that the runner carries out, or it is refused.

Source: docs.github.com, "Workflow syntax for GitHub Actions", "Metadata syntax".
"""

import yaml
from workflow_expressions import NotUnderstood

WORKFLOW = {"name", "on", "permissions", "concurrency", "env", "jobs"}
JOB = {"name", "if", "needs", "runs-on", "timeout-minutes", "environment", "permissions", "concurrency", "outputs", "env",
       "steps"}  # fmt: skip
STEP = {"name", "id", "if", "env", "run", "uses", "with", "shell"}
ACTION = {"name", "description", "author", "inputs", "outputs", "runs"}
EVENTS = {
    "pull_request": {"branches"},
    "push": {"branches"},
    "schedule": {"cron"},
    "workflow_dispatch": set(),
    "workflow_run": {"workflows", "types"},
}
SCOPES = {"actions", "checks", "contents", "issues", "pull-requests"}


def workflow(text):
    """A workflow, its words known."""
    found = known("workflow", yaml.load(text, yaml.BaseLoader), WORKFLOW)
    on = found["on"]
    found["on"] = on = dict.fromkeys([on] if isinstance(on, str) else on) if not isinstance(on, dict) else on
    for event, filters in on.items():
        rows = filters if isinstance(filters, list) else [filters]
        for row in rows:
            known(f"event {event}", row or {}, EVENTS.get(event) if event in EVENTS else refuse(f"the event {event}"))
    for name, job in found["jobs"].items():
        known(f"job {name}", job, JOB)
        for step in job["steps"]:
            known(f"step of {name}", step, STEP)
        job["needs"] = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        job["permissions"] = permissions(job.get("permissions", found.get("permissions")))
    return found


def action(text):
    """A composite action, its words known."""
    found = known("action", yaml.load(text, yaml.BaseLoader), ACTION)
    runs = known("runs of an action", found["runs"], {"using", "steps"})
    if runs["using"] != "composite":
        refuse(f"an action that runs {runs['using']}")
    for step in runs["steps"]:
        known("step of an action", step, STEP)
        if "run" in step and "shell" not in step:
            refuse("a step of an action without its shell")
    return found


def permissions(given):
    """Level by scope. Nothing said would be the repository's setting, which is not known here."""
    if not isinstance(given, dict):
        refuse(f"permissions {given!r}: write each")
    known("permissions", given, SCOPES)
    if bad := set(given.values()) - {"read", "write", "none"}:
        refuse(f"permissions of the level {bad}")
    return given


def triggered(document, event, branch, workflow_name):
    """Whether this event, on this branch (the base of a pull request), after this workflow, starts it."""
    if event not in document["on"]:
        return False
    filters = document["on"][event] or {}
    if event == "workflow_run":
        return workflow_name in filters["workflows"] and "completed" in filters.get("types", ["completed"])
    return event == "schedule" or "branches" not in filters or branch in filters["branches"]


def known(what, found, words):
    """The mapping, if the runner knows all its words."""
    if not isinstance(found, dict):
        refuse(f"a {what} that is no mapping")
    if more := set(found) - words:
        refuse(f"{', '.join(sorted(more))} in a {what}")
    return found


def refuse(what):
    """Never guesses."""
    raise NotUnderstood(f"this runner does not understand {what}")
