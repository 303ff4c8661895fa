"""When things happen: a time line of what is foreseen, and the waves of each rollout as a table with their progress."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from reconcile.model.plan import Plan
from reconcile.model.rollout_note import RolloutNote, WaveNote
from reconcile.report.foreseen import foreseen
from reconcile.report.html.both import BOTH, both, key, pair
from reconcile.report.html.pictures import Span, shares, timeline
from reconcile.report.rollouts import columns_of_waves, rollout_sentences, rows_of

_WAVES = 30


def course(plan: Plan) -> Iterator[str]:
    """The section; nothing when nothing is sent."""
    spans = [*_spans(plan)]
    if not spans:
        return
    yield f'<section aria-labelledby="time"><h2 id="time">{key("page.time")}</h2>'
    yield f'<figure class="wide">{timeline(spans, (lambda texts: texts("page.expires"), _lasts_s(plan)))}<figcaption>'
    yield f'<p class="dim">{key("page.time.lead")}</p>'
    said = [texts("sentence.next").join(foreseen(plan, texts)) for texts in BOTH]
    yield f"<p>{both(pair(said))}</p></figcaption></figure>"
    titles = zip(*([title for title, _ in rollout_sentences(plan, texts)] for texts in BOTH), strict=True)
    ends = zip(*([lines[-1] for _, lines in rollout_sentences(plan, texts)] for texts in BOTH), strict=True)
    for note, title, end in zip(plan.rollouts, titles, ends, strict=True):
        yield f"<h3>{both(pair(title))}</h3><p>{both(pair(end))}</p>"
        yield from _waves(note)
    yield "</section>"


def _lasts_s(plan: Plan) -> float:
    return max((plan.expires - plan.created) / timedelta(seconds=1), 1.0)


def _spans(plan: Plan) -> Iterator[Span]:
    if not any(device.steps for device in plan.devices):
        return
    accepted_s = max(plan.summary.accepted_s, 0.1)
    yield Span(lambda texts: texts("page.accepted"), "now", accepted_s)
    forecast = plan.summary.forecast
    if forecast is not None and forecast.known and forecast.most_s is not None:
        yield Span(lambda texts: texts("page.confirmed"), "queue", forecast.most_s, forecast.half_s)
    for note in plan.rollouts:
        for wave in note.waves[:_WAVES]:
            foretold = wave.forecast
            if foretold is not None and foretold.known and foretold.most_s is not None:
                yield _wave(wave, foretold.most_s, foretold.half_s)


def _wave(wave: WaveNote, most_s: int, half_s: int | None) -> Span:
    return Span(lambda texts: texts("page.wave", n=wave.number), "desired", most_s, half_s)


def _waves(note: RolloutNote) -> Iterator[str]:
    heads = zip(*(columns_of_waves(texts) for texts in BOTH), strict=True)
    cells = "".join(f'<th scope="col">{both(pair(head))}</th>' for head in heads)
    cells += f'<th scope="col">{key("page.progress")}</th>'
    yield f'<div class="wide"><table class="waves"><thead><tr>{cells}</tr></thead><tbody>'
    rows = zip(*(rows_of(note, texts, with_head=False) for texts in BOTH), strict=True)
    for wave, (english, chinese) in zip(note.waves, rows, strict=True):
        numbers = "".join(f"<td>{both(pair(cell))}</td>" for cell in zip(english, chinese, strict=True))
        yield f"<tr>{numbers}<td>{shares(_progress(wave))}</td></tr>"
    yield "</tbody></table></div>"


def _progress(wave: WaveNote) -> dict[str, int]:
    """The shares of a wave; what is neither answered nor overdue nor unsent is on its way."""
    known = {"confirmed": wave.confirmed, "failed": wave.failed, "silent": wave.silent + wave.parked}
    on_way = wave.devices - sum(known.values()) - wave.unsent
    return {name: n for name, n in {**known, "queue": on_way, "unsent": wave.unsent}.items() if n > 0}
