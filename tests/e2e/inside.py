"""The command line called inside this process: the same words, environment and folder, without the start of a program.

Most of these tests are about what a command does; a start of Python for each of them would be most of their time. Files
named in `conftest.REAL`, every signal, every terminal and `E2E_PROCESSES=1` use processes of their own.
"""

import io
import os
import sys
import threading
from pathlib import Path
from unittest import mock

from reconcile.cli.root import run


def called(words, folder, environ):
    """Exit code, standard output and standard error of `reconcile WORDS`."""
    assert threading.current_thread() is threading.main_thread(), "folder and environment belong to the process"
    out, err, here = _stream(), _stream(), Path.cwd()
    os.chdir(folder)
    try:
        with (
            Path(os.devnull).open(encoding="utf-8") as nothing,
            mock.patch.multiple(sys, stdin=nothing, stdout=out, stderr=err, argv=["reconcile", *words]),
            mock.patch.dict(os.environ, environ, clear=True),
        ):
            code = run()
    finally:
        os.chdir(here)
    return code, _text(out), _text(err)


def _stream():
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def _text(stream):
    return stream.buffer.getvalue().decode("utf-8").replace("\r\n", "\n")
