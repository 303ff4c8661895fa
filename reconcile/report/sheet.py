"""The capability sheet of `doctor --prove`: question, what is documented, what this account answered, the switch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconcile.model.examination import Capability, Subject
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.report.doctor import ROLES
from reconcile.report.document import document
from reconcile.report.messages import Texts, translate
from reconcile.report.sanitise import inert
from reconcile.report.sheet_chinese import CHINESE
from reconcile.report.sheet_english import ENGLISH
from reconcile.report.values import show
from reconcile.report.view import View, finish

FORMAT = "reconcile-capabilities/1"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a proof ended, for the last lines. `trouble` is empty when it came to its end."""

    is_whole: bool
    is_in_doubt: bool = False
    is_interrupted: bool = False
    trouble: str = ""


def sheet_texts(lang: str) -> Texts:
    """The catalogue of a language."""
    return Texts("zh", CHINESE) if lang.lower().startswith("zh") else Texts("en", ENGLISH)


def switches(answers: Iterable[Capability]) -> dict[str, str]:
    """Switches of the emulator that correspond to the answers, as `POST /_emulator/switches` takes them."""
    return dict(answer.switch for answer in answers if answer.switch is not None)


def sheet_text(subject: Subject, answers: Sequence[Capability], ending: Ending, view: View, texts: Texts) -> str:
    """The whole sheet."""
    title = texts("sheet.title", device=inert(str(subject.ref)), path=inert(subject.bearing.path))
    lines = view.wrap(view.paint("bold", title))
    for answer in answers:
        lines += ["", *_answer(answer, view, texts)]
    found = switches(answers)
    if found:
        options = " ".join(f"--switch {name}={value}" for name, value in found.items())
        lines += ["", *view.wrap(texts("sheet.emulate", options=options), "", "  ")]
    return finish([*lines, "", *_ending(subject, ending, view, texts)])


def sheet_json(subject: Subject, answers: Sequence[Capability], ending: Ending, *, at: str) -> Iterator[str]:
    """The same as a JSON document; `switches` may be posted to an emulator, `emulate` are options for the command."""
    found = switches(answers)
    head: JsonObject = {
        "format": FORMAT,
        "at": at,
        "device": str(subject.ref),
        "resource": subject.bearing.path,
        "restored": ending.is_whole,
        "in_doubt": ending.is_in_doubt,
        "interrupted": ending.is_interrupted,
        "trouble": ending.trouble or None,
        "switches": {**found},
        "emulate": [word for name, value in found.items() for word in ("--switch", f"{name}={value}")],
    }
    texts = sheet_texts("en")
    yield from document(head, [("answers", [_json(answer, texts) for answer in answers])])


def confirmation(subject: Subject, platform_type: str, texts: Texts) -> str:
    """What will be written to which resource of which device, before the question."""
    keys = (*((f"confirm.{platform_type}.versions",) if subject.bearing.version else ()), f"confirm.{platform_type}")
    key = next((each for each in keys if each in texts.catalogue), "confirm.other")
    value = show(subject.bearing.value, translate(texts.lang))
    return texts(key, device=inert(str(subject.ref)), path=inert(subject.bearing.path), value=value)


def _answer(answer: Capability, view: View, texts: Texts) -> list[str]:
    mark = view.paint(ROLES[answer.mark], texts(f"mark.{answer.mark}"))
    question = texts.catalogue.get(f"ask.{answer.question}", inert(answer.question))
    lines = view.wrap(f"{mark}  {question}", "", "    ")
    documented = texts.catalogue.get(f"doc.{answer.question}")
    if documented is not None:
        lines += view.wrap(texts("sheet.documented", text=documented), "    ", "      ")
    lines += view.wrap(texts("sheet.answered", text=said(answer, texts)), "    ", "      ")
    if answer.evidence:
        shown = ", ".join(f"{name} {inert(str(value))}" for name, value in answer.evidence.items())
        lines += view.wrap(texts("sheet.evidence", text=shown), "    ", "      ")
    if answer.switch is not None:
        lines += view.wrap(texts("sheet.switch", name=answer.switch[0], value=answer.switch[1]), "    ", "      ")
    return lines


def said(answer: Capability, texts: Texts) -> str:
    """The answer in words."""
    keys = (f"says.{answer.question}.{answer.answer}", f"says.{answer.answer}")
    return next((texts.catalogue[key] for key in keys if key in texts.catalogue), inert(answer.answer))


def _ending(subject: Subject, ending: Ending, view: View, texts: Texts) -> list[str]:
    lines: list[str] = []
    if ending.trouble:
        lines += view.wrap(texts("sheet.trouble", message=inert(ending.trouble)))
    if ending.is_interrupted:
        lines += view.wrap(texts("sheet.interrupted"))
    if ending.is_in_doubt:
        return [*lines, *view.wrap(view.paint("error", texts("sheet.doubt")))]
    left = texts("sheet.left", device=inert(str(subject.ref)))
    whole = view.paint("good", texts("sheet.whole"))
    return [*lines, *view.wrap(whole if ending.is_whole else view.paint("error", left))]


def _json(answer: Capability, texts: Texts) -> JsonObject:
    evidence: dict[str, Json] = {**answer.evidence}
    return {
        "question": answer.question,
        "text": texts.catalogue.get(f"ask.{answer.question}", answer.question),
        "documented": texts.catalogue.get(f"doc.{answer.question}"),
        "answer": answer.answer,
        "answered": said(answer, texts),
        "mark": answer.mark.value,
        "switch": None if answer.switch is None else {"name": answer.switch[0], "value": answer.switch[1]},
        "evidence": evidence,
    }
