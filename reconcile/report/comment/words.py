"""Sentences of comments and summaries alone; the rest is the catalogue that all reports share."""

from __future__ import annotations

from reconcile.report.messages import Texts, translate

_ENGLISH = {
    "comment.report": "Full report",
    "comment.example": "For example",
    "comment.more_changes": "… and {n} more",
    "comment.environment": "environment {name}",
    "comment.more_classes": "… and {n} more classes with {devices}, between those of fewer and of more devices",
    "comment.more_entries": "… and {n} more entries with {devices}",
    "comment.named": "Plan {digest}",
}
_CHINESE = {
    "comment.report": "完整报告",
    "comment.example": "例如",
    "comment.more_changes": "…… 另有 {n} 项",
    "comment.environment": "环境 {name}",
    "comment.more_classes": "…… 另有 {n} 个变更类，涉及 {devices}，设备数介于上下两者之间",
    "comment.more_entries": "…… 另有 {n} 条，涉及 {devices}",
    "comment.named": "计划 {digest}",
}
WORDS = {"en": _ENGLISH, "zh": _CHINESE}


def comment_texts(lang: str) -> Texts:
    """The catalogue of a language with the words of comments."""
    texts = translate(lang)
    return Texts(texts.lang, {**texts.catalogue, **WORDS[texts.lang]})
