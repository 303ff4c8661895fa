"""`${{ }}` of GitHub's workflows: the part that ours use, evaluated by GitHub's rules; anything else is refused.

Source: docs.github.com, "Evaluate expressions in workflows and actions". Known: literals, `! == != < <= > >= && ||`,
parentheses, properties of contexts, and the functions of `FUNCTIONS` and `STATUS`.
"""

import re

TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?))|(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<mark>==|!=|<=|>=|&&|\|\||[!<>().,\[\]]))"
)
PARTS = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = ("always", "success", "failure", "cancelled")
WORDS = {"true": True, "false": False, "null": None}
FUNCTIONS = {
    "contains": lambda whole, part: any(same(one, part) for one in whole) if isinstance(whole, list)
    else shown(part).lower() in shown(whole).lower(),
    "startsWith": lambda whole, part: shown(whole).lower().startswith(shown(part).lower()),
    "endsWith": lambda whole, part: shown(whole).lower().endswith(shown(part).lower()),
}  # fmt: skip


class NotUnderstood(Exception):
    """The runner does not know this, and does not guess."""


def filled(template, contexts, status=None):
    """A text with its expressions replaced, or what is no text as it is."""
    if not isinstance(template, str):
        return template
    text = PARTS.sub(lambda found: shown(value(found[1], contexts, status)), template)
    if "${{" in PARTS.sub("", template):
        raise NotUnderstood(f"an expression does not end: {template!r}")
    return text


def holds(condition, contexts, status):
    """An `if:`. Without a function of status in it, it means `success() && (...)`."""
    text = str(condition).strip()
    inner = PARTS.fullmatch(text)
    text = inner[1] if inner else text
    if "${{" in text:
        raise NotUnderstood(f"a condition that is half text: {condition!r}")
    asks = any(re.search(rf"\b{name}\s*\(", text) for name in STATUS)
    return (asks or status["success"]) and truth(value(text, contexts, status))


def value(text, contexts, status=None):
    """What an expression comes to."""
    tokens, at = [], 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if found is None:
            raise NotUnderstood(f"an expression with {text[at:].strip()[:20]!r}: {text.strip()!r}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    reading = _Reading(tokens, contexts, status, text.strip())
    result = reading.either()
    if reading.at != len(tokens):
        raise NotUnderstood(f"an expression that goes on after its end: {text.strip()!r}")
    return result


def truth(one):
    """GitHub's falsy values: false, 0, '' and null."""
    return one not in (False, 0, "", None) or isinstance(one, dict | list)


def shown(one):
    """A value as text."""
    if isinstance(one, dict | list):
        raise NotUnderstood("an object or a list as text")
    return (
        ""
        if one is None
        else str(one).lower()
        if isinstance(one, bool)
        else f"{one:g}"
        if isinstance(one, float)
        else str(one)
    )


def same(a, b):
    """`==`: texts without case; values of different kinds as numbers."""
    if isinstance(a, str) and isinstance(b, str):
        return a.lower() == b.lower()
    return a is b if a is None and b is None else number(a) == number(b)


def number(one):
    """A value as a number, by GitHub's table."""
    if one is None or one == "":
        return 0.0
    try:
        return float(one)
    except (TypeError, ValueError):
        return float("nan")


class _Reading:
    def __init__(self, tokens, contexts, status, text):
        self.tokens, self.at, self.contexts, self.status, self.text = tokens, 0, contexts, status, text

    def next(self, *marks):
        """Takes the next token if it is one of these marks."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "mark" and self.tokens[self.at][1] in marks:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def either(self):
        left = self.both()
        while self.next("||"):
            right = self.both()
            left = left if truth(left) else right
        return left

    def both(self):
        left = self.equal()
        while self.next("&&"):
            right = self.equal()
            left = right if truth(left) else left
        return left

    def equal(self):
        left = self.order()
        while mark := self.next("==", "!="):
            left = same(left, self.order()) == (mark == "==")
        return left

    def order(self):
        left = self.no()
        while mark := self.next("<", "<=", ">", ">="):
            a, b = number(left), number(self.no())
            left = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[mark]
        return left

    def no(self):
        return not truth(self.no()) if self.next("!") else self.one()

    def one(self):
        if self.next("("):
            inner = self.either()
            self.need(")")
            return inner
        if self.at == len(self.tokens) or self.tokens[self.at][0] == "mark":
            raise NotUnderstood(f"an expression with a gap: {self.text!r}")
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if kind == "number":
            return float(int(word, 16)) if "x" in word else float(word)
        if self.next("("):
            return self.call(word)
        return WORDS[word] if word in WORDS else self.deref(word)

    def call(self, name):
        given = []
        while not self.next(")"):
            given.append(self.either())
            if not self.next(","):
                self.need(")")
                break
        if name in STATUS and self.status is not None and not given:
            return self.status[name]
        if name not in FUNCTIONS:
            raise NotUnderstood(f"the function {name}() here: {self.text!r}")
        return FUNCTIONS[name](*given)

    def deref(self, word):
        if word not in self.contexts:
            raise NotUnderstood(f"the context {word!r} here: {self.text!r}")
        found = self.contexts[word]
        while mark := self.next(".", "["):
            if mark == ".":
                kind, name = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
                if kind != "name":
                    raise NotUnderstood(f"a property without a name: {self.text!r}")
                self.at += 1
            else:
                name = self.either()
                self.need("]")
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def need(self, mark):
        if not self.next(mark):
            raise NotUnderstood(f"an expression without its {mark!r}: {self.text!r}")
