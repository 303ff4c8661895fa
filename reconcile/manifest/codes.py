"""The RCL1xx codes of reading manifests: fixed summaries, for ever.

RCL120 to RCL149 are layering's, RCL150 to RCL159 inventories'.
"""

from __future__ import annotations

from reconcile.model.diagnostic import NOWHERE, Diagnostic, Severity, Span

SYNTAX = "RCL101"
ENCODING = "RCL102"
DUPLICATE_KEY = "RCL103"
FORBIDDEN_YAML = "RCL104"
LIMIT = "RCL105"
UNREADABLE = "RCL106"
EMPTY = "RCL107"
FORBIDDEN_CHARACTER = "RCL108"
MORE = "RCL109"
UNKNOWN_KEY = "RCL110"
MISSING_KEY = "RCL111"
WRONG_TYPE = "RCL112"
NOT_ALLOWED = "RCL113"
UNKNOWN_KIND = "RCL114"
PLAIN_SECRET = "RCL115"  # noqa: S105 - a code, not a secret
ONE_FLEET = "RCL116"
SAME_NAME = "RCL117"
UNKNOWN_PLATFORM_TYPE = "RCL118"
UNCLEAR_NUMBER = "RCL119"

SUMMARIES: dict[str, str] = {
    SYNTAX: "file is not valid YAML",
    ENCODING: "file is not UTF-8 text",
    DUPLICATE_KEY: "key is given twice",
    FORBIDDEN_YAML: "YAML feature is not allowed in manifests",
    LIMIT: "file exceeds a limit",
    UNREADABLE: "file cannot be read",
    EMPTY: "file holds no document",
    FORBIDDEN_CHARACTER: "character is not allowed in manifests",
    MORE: "file has more problems than are shown",
    UNKNOWN_KEY: "unknown key",
    MISSING_KEY: "required key is missing",
    WRONG_TYPE: "value has the wrong type",
    NOT_ALLOWED: "value is not allowed here",
    UNKNOWN_KIND: "unknown kind or apiVersion",
    PLAIN_SECRET: "secret is written in plain text",
    ONE_FLEET: "there must be exactly one Fleet",
    SAME_NAME: "name is used twice",
    UNKNOWN_PLATFORM_TYPE: "unknown platform type",
    UNCLEAR_NUMBER: "number can be read in two ways",
}


def problem(code: str, detail: str, span: Span = NOWHERE, severity: Severity = Severity.ERROR) -> Diagnostic:
    """A diagnostic with the fixed summary of its code."""
    return Diagnostic(code, SUMMARIES[code], detail, span, severity)
