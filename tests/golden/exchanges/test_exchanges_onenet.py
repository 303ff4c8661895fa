"""Exchanges with the emulated OneNET, word for word: the samples of the vendor's pages, and those of its clients.

`request` are the lines of an HTTP request, `answer` is the whole answer (`--update-golden` rewrites it), `page` is what
the page prints: the same keys and types, and the same codes and texts.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconcile.emulator import Request, World, handle

FOLDER = Path(__file__).parent / "onenet"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))
WORDS = ("errno", "error", "success", "code", "msg")


def parsed(lines):
    """A request from its lines: request line, headers, an empty line, the body."""
    method, target, _ = lines[0].split(" ")
    cut = lines.index("") if "" in lines else len(lines)
    headers = dict(line.split(": ", 1) for line in lines[1:cut])
    path, _, query = target.partition("?")
    body = "\n".join(lines[cut + 1 :]).encode()
    return Request(method, path, query, {name.lower(): value for name, value in headers.items()}, body)


def exchange(world, start, step):
    now = start + timedelta(milliseconds=world.advanced_ms)
    if "control" in step:
        return handle(
            world, Request("POST", f"/_emulator{step['control']}", body=json.dumps(step["body"]).encode()), now
        )
    return handle(world, parsed(step["request"]), now)


def unlike(page, answer, where="answer"):
    """Places where an answer has another shape than the page's, or other words."""
    if isinstance(page, dict) and isinstance(answer, dict):
        missing = [f"{where}.{key} is missing" for key in page.keys() - answer.keys()]
        shared = [
            text for key in page.keys() & answer.keys() for text in unlike(page[key], answer[key], f"{where}.{key}")
        ]
        return missing + shared
    if isinstance(page, list) and isinstance(answer, list):
        return (
            [f"{where} is empty"]
            if page and not answer
            else [text for one in page[:1] for text in unlike(one, answer[0], f"{where}[]")]
        )
    if type(page) is not type(answer):
        return [f"{where} is {answer!r}, on the page {page!r}"]
    is_word = where.rpartition(".")[2] in WORDS and page != answer
    return [f"{where} is {answer!r}, on the page {page!r}"] if is_word else []


@pytest.mark.parametrize("name", CASES)
def test_exchange_is_word_for_word(name, update_golden):
    path = FOLDER / f"{name}.json"
    case = json.loads(path.read_text(encoding="utf-8"))
    start = datetime.fromisoformat(case["now"])
    world = World.from_records(case["population"], now=start, switches=case.get("switches"))
    for step in case["steps"]:
        response = exchange(world, start, step)
        if "control" in step:
            assert response.status == 200
            continue
        said = {"status": response.status, "answer": json.loads(response.body)}
        if update_golden:
            step.update(said)
        assert {key: step[key] for key in ("status", "answer")} == said
        assert unlike(step["page"], said["answer"]) == [] if "page" in step else True
    if update_golden:
        path.write_text(json.dumps(case, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def test_every_case_names_its_page():
    """A sample without a source is nobody's."""
    assert CASES
    assert all(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["source"] for name in CASES)
