"""The actions that the runner knows, done here on this machine's disk. Any other `uses:` is refused."""

import io
import json
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path, PurePosixPath

from workflow_document import refuse

LIMIT = 64 * 1024 * 1024
PYTHON = """\
#!/bin/sh
# The interpreter of the tests; a virtual environment is one whose programs are already installed.
printf '%s\\n' "$*" >> '{log}'
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; for one in reconcile reconcile-askpass; do
    ln -s '{programs}'/"$one" "$3/bin/$one"; done; exit;;
  "-m pip") exit;;
esac
exec '{python}' "$@"
"""


def checkout(job, given):
    """actions/checkout: the ref that the event is about, or `ref`; every branch where `fetch-depth` is 0."""
    inputs(given, {"fetch-depth", "persist-credentials", "ref"})
    if given.get("persist-credentials") != "false":
        refuse("a checkout that keeps its token in the workspace")
    ref = given.get("ref") or job.run.ref
    heads = ["+refs/heads/*:refs/remotes/origin/*"] if given.get("fetch-depth") == "0" else ["--depth=1"]
    git = ["git", "-C", str(job.workspace)]
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", job.run.host.address],
        ["fetch", "--quiet", "--no-tags", "origin", *heads, f"+{ref}:refs/remotes/checkout"],
        [
            "checkout",
            "--quiet",
            "--force",
            "--detach",
            job.run.commit if not given.get("ref") else "refs/remotes/checkout",
        ],
    ):
        subprocess.run([*git, *words], check=True, capture_output=True, env=job.machine_env())


def setup_python(job, given):
    """actions/setup-python: the interpreter of the tests, which notes what it is asked."""
    inputs(given, {"python-version"})
    folder = job.folder / "python"
    folder.mkdir(exist_ok=True)
    program = folder / "python"
    programs = Path(sys.executable).parent
    program.write_text(PYTHON.format(log=job.folder / "python.log", programs=programs, python=sys.executable))
    program.chmod(0o755)
    job.path.insert(0, str(folder))


def upload(job, given):
    """actions/upload-artifact: the named files of the workspace, in one zip."""
    inputs(given, {"name", "path", "if-no-files-found", "retention-days"})
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for line in given["path"].split("\n"):
            if not line.strip():
                continue
            if any(mark in line for mark in "*?[!"):
                refuse(f"a pattern of files: {line}")
            if not (path := job.workspace / line.strip()).is_file():
                raise OSError(f"no file was found for the artifact: {line}")
            archive.write(path, path.name)
    job.run.host.github.artifacts[job.run.id, given["name"]] = content.getvalue()


def download(job, given):
    """actions/download-artifact: of this run, or with a token that may read them of another. No file leaves its folder."""
    inputs(given, {"name", "path", "run-id", "github-token"})
    github = job.run.host.github
    run = given.get("run-id") or job.run.id
    if run != job.run.id:
        request = urllib.request.Request(
            f"{github.url}/repos/acme/fleet/actions/runs/{run}/artifacts",
            headers={"authorization": f"Bearer {given['github-token']}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            if given["name"] not in [one["name"] for one in json.load(answer)["artifacts"]]:
                raise OSError(f"run {run} has no artifact {given['name']}")
    into = Path(given["path"])
    with zipfile.ZipFile(io.BytesIO(github.artifacts[run, given["name"]])) as archive:
        for one in archive.infolist():
            place = PurePosixPath(one.filename)
            if place.is_absolute() or ".." in place.parts or one.file_size > LIMIT:
                raise OSError(f"an artifact's file leads out of its folder or is too large: {one.filename}")
            (into / place).parent.mkdir(parents=True, exist_ok=True)
            (into / place).write_bytes(archive.read(one))


def inputs(given, words):
    """Refuses a `with` that the emulated action does not know."""
    if more := set(given) - words:
        refuse(f"{', '.join(sorted(more))} of an action")


ACTIONS = {
    "actions/checkout": checkout,
    "actions/setup-python": setup_python,
    "actions/upload-artifact": upload,
    "actions/download-artifact": download,
}
