"""Help and the version come at once; whatever a command may have to say of its failure is at hand before it begins."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from reconcile.cli.root import run
code = run(sys.argv[1:])
print(code, "reconcile.cli.failures" in sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--help"], "0 False"),
        (["--version"], "0 False"),
        (["schema", "plan"], "0 True"),
        (["--nonsense"], "1 True"),
        (["nonsense"], "1 True"),
    ],
)
def test_failures_are_worded_by_commands_alone(words, said):
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True)

    assert done.stderr.splitlines()[-1] == said
