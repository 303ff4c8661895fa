"""Strings that mean harm to some reader of a report, by what they try, and plans that hold one in every place.

Each holds CANARY where it would act; a report may show it, but only where its host takes it for plain text.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from report_plans import empty_plan, large_plan

from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.plan import Change, ChangeClass, Notice, Summary
from reconcile.model.protection import AllowedWrite
from reconcile.model.rollout_note import RolloutNote, WaveNote

CANARY = "evil"

STRINGS = {
    # Markdown
    "link": "[evil](https://evil.example)",
    "reference link": "[evil][1]\n\n[1]: https://evil.example",
    "image": "![evil](https://evil.example/pixel.png)",
    "autolink": "<https://evil.example>",
    "bare address": "https://evil.example/ www.evil.example evil@evil.example",
    "script link": "[evil](javascript:evil())",
    "mention": "@evil @evil/evil-team",
    "issue reference": "#1 evil/evil#1 GH-1 !1 evil@0123456789abcdef0123456789abcdef01234567",
    "code span ends": "` evil `",
    "many backticks": "evil ```` evil `````",
    "backslash and backtick": "evil \\` evil \\\\`",
    "fence ends": "evil\n```\nevil\n~~~\nevil",
    "longer fence": "evil\n``````````\nevil",
    "new cell": "evil | evil | evil",
    "escaped cell": "evil \\| evil \\\\| evil",
    "new row": "evil |\n| evil | evil | evil |",
    "heading": "\n# evil\n## evil\nevil\n====",
    "emphasis": "**evil** __evil__ *evil* ~~evil~~",
    "list": "\n- evil\n1. evil\n- [x] evil",
    "quote and alert": "\n> [!WARNING]\n> evil",
    "rule": "\n---\nevil\n***",
    "footnote": "evil[^1]\n\n[^1]: evil",
    "mathematics": "$`evil`$ $$evil$$",
    "emoji name": ":evil: :+1:",
    "quick action": "\n/close evil\n/assign @evil",
    "front matter": "---\nevil: evil\n---",
    # HTML
    "script": "<script>evil()</script>",
    "details end": "</details></summary><summary>evil",
    "image handler": '<img src=x onerror="evil()">',
    "attribute ends": '" onmouseover="evil()" x="\' onfocus=\'evil()',
    "comment": "<!-- evil --> --> evil <!--",
    "our marker": "<!-- reconcile comment=plan digest=sha256:evil -->",
    "style": "</style><style>*{background:url(https://evil.example)}</style>",
    "frame": "<iframe srcdoc='<script>evil()</script>'></iframe><base href=//evil>",
    "vector image": "<svg onload=evil()><![CDATA[</svg>]]>",
    "entities": "&lt;evil&gt; &#60;evil&#62; &amp;lt;script&gt;evil",
    "island ends": '"]}</script><script>evil()</script>{"',
    "island comment": "<!--<script>evil",
    "line separators": "evil\u2028evil()\u2029evil",
    "template": "{{evil}} ${evil} <%= evil %> {% evil %}",
    # Terminals
    "colour": "\x1b[31mevil\x1b[0m",
    "title": "\x1b]0;evil\x07",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07evil",
    "hyperlink": "\x1b]8;;https://evil.example\x1b\\evil\x1b]8;;\x1b\\",
    "eight-bit controls": "\x9b2Jevil\x9d0;evil\x9c",
    "carriage return": "evil\rEVIL \x08\x08evil",
    "bell and null": "\x07evil\x00evil\x7f",
    # Scripts and directions
    "override": "\u202eevil\u202c",
    "isolate": "\u2066evil\u2069\u2067evil",
    "marks": "\u200eevil\u200f\u061c",
    "zero width": "ev\u200bil evil\u200d\ufeff\u2060",
    "tags": "evil\U000e0065\U000e0076",
    "lone surrogate": "evil\ud800 \udfffevil",
    "blank letters": "\u3164evil\u2800\uffa0",
    # Runners
    "workflow command": "::error file=evil::evil\n::set-output name=evil::evil",
    "indented command": "  ::add-mask::evil",
    "azure command": "##vso[task.setvariable variable=evil]evil ##[error]evil",
    "teamcity command": "##teamcity[evil] evil",
    "gitlab section": "section_start:1:evil\r\x1b[0Kevil",
    # Everything else
    "very long": "evil" * 5000,
    "format": "%s %n {0} {evil} evil",
    "path": "../../evil/../evil.yaml",
    "formula": "=cmd|' /C evil'!A0",
}
PLAIN = "evil"


def hostile_plan(text: str):
    """A plan that holds the text wherever somebody else decides what stands there."""
    ref = DeviceRef(text, text)
    changes = (
        Change(text, "update", text, {text: [text]}, text, text),
        Change(text, "update", {text: 1}, {text: text}, text),
        Change(text, "release", text, None, text),
        Change("/3303/0/5603", "run", text, text, f"{text}: after its resources change"),
    )
    group = ChangeClass("c1", 1, (ref,), changes, ways={text: 1})
    recorded = ChangeClass(text, 1, (ref,), changes[:1])
    notice = Notice(ref, text, text, text, text, [text])
    sent = replace(large_plan().devices[0], ref=ref, class_id="c1", delivery=text)
    plan = empty_plan(
        summary=Summary(1, requests={text: 1}),
        classes=(group, recorded),
        devices=(sent, replace(sent, class_id=text, steps=())),
        held=(notice,),
        unknown=(notice,),
        conflicts=(notice,),
        drift=(notice,),
        waiting=(notice,),
        blocked=(notice,),
        diagnostics=(Diagnostic(f"RCL7{text}", text, text, Span(text, 1, 1)),),
        protected=(AllowedWrite(text, text, 1, (ref,), text, datetime(2026, 12, 1, tzinfo=UTC), text),),
        rollouts=(RolloutNote(text, text, "sending", 1, (WaveNote(1, 1, unsent=1),)),),
    )
    return replace(plan, base=replace(plan.base, commit=text, lineage=text, manifests=text, tool=text))
