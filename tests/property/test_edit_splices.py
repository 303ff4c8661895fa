"""Edits of manifest text: outside the edited value every character stays, and reading again gives just what was meant."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.manifest.edit import added, added_section, replaced, spliced
from reconcile.manifest.edit_spell import spell, spell_text
from reconcile.manifest.edit_tree import key_at, parts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(lambda k: k != "\0"), inner, max_size=3),
    max_leaves=5,
)
COMMENTS = st.sampled_from(["", "  # why", " # : { [ 'é 漢 😀", "   "])
BETWEEN = st.sampled_from(["", "\n", "# a remark\n", "    # indented: {\n", "\n\n# two\n"])


@st.composite
def blocks(draw, indent=""):
    """A block mapping as text, with comments and nested mappings, and its keys in order."""
    keys = draw(
        st.lists(
            st.sampled_from(["a", "b", "site", "/3303/0/5603", "Module:x", "ключ"]), min_size=1, max_size=4, unique=True
        )
    )
    lines = []
    for key in keys:
        lines.append(draw(BETWEEN).replace("    #", f"{indent}#"))
        gap = draw(st.sampled_from([" ", "   "]))
        if draw(st.booleans()) and not indent:
            lines.append(f"{indent}{spell_text(key)}:{draw(COMMENTS)}\n{draw(blocks(indent + '  '))}")
        else:
            lines.append(f"{indent}{spell_text(key)}:{gap}{spell(draw(VALUES))}{draw(COMMENTS)}\n")
    return "".join(lines)


@st.composite
def files(draw):
    """Several documents, with either kind of line ending, with or without a last one."""
    text = "---\n".join(draw(st.lists(blocks(), min_size=1, max_size=3)))
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def shape(part):
    """A document without its layout."""
    if part.members is not None:
        return [(key.text, shape(value)) for key, value in part.members]
    return [shape(item) for item in part.items] if part.items is not None else (part.text, part.style == "")


@settings(max_examples=300, deadline=None)
@given(files(), st.data())
def test_a_replaced_value_is_all_that_changes(text, data):
    roots = parts(text)
    places = [pair for root in roots for pair in root.pairs() if pair[2].start < pair[2].end]
    if not places:
        return
    _, key, value = data.draw(st.sampled_from(places))
    new = data.draw(VALUES)
    after = spliced(text, [replaced(value, spell(new))])
    assert after.startswith(text[: value.start])
    assert after.endswith(text[value.end :])
    assert len(after) == len(text) - (value.end - value.start) + len(spell(new))
    again = key_at(parts(after), key.line, key.column)
    assert again is not None
    [wanted] = parts(f"key: {spell(new)}\n")
    assert shape(again[2]) == shape(wanted.members[0][1])
    others = [(k.text, k.line) for root in roots for _, k, v in root.pairs() if v.end <= value.start]
    assert others == [(k.text, k.line) for root in parts(after) for _, k, v in root.pairs() if v.end <= value.start]


@settings(max_examples=300, deadline=None)
@given(files(), VALUES, st.data())
def test_added_members_come_last_and_nothing_else_moves(text, new, data):
    roots = parts(text)
    mappings = [root for root in roots if root.members is not None]
    mappings += [value for root in roots for _, _, value in root.pairs() if value.members is not None]
    mapping = data.draw(st.sampled_from(mappings))
    number = mappings.index(mapping)
    splice = added(text, mapping, {"new key": spell(new), "other": "1"})
    after = spliced(text, [splice])
    assert splice.start == splice.end
    assert after[: splice.start] == text[: splice.start]
    assert after[splice.start + len(splice.text) :] == text[splice.end :]
    assert ("\r" in after) == ("\r" in text)
    roots = parts(after)
    again = [root for root in roots if root.members is not None]
    again += [value for root in roots for _, _, value in root.pairs() if value.members is not None]
    found = again[number]
    [wanted] = parts(f"key: {spell(new)}\n")
    assert shape(found) == [*shape(mapping), ("new key", shape(wanted.members[0][1])), ("other", ("1", True))]


@given(files())
def test_a_section_is_added_to_any_block_mapping(text):
    root = parts(text)[0]
    after = spliced(text, [added_section(text, root, "resources", {"/3303/0/5603": "-20.0", "b c": "1"})])
    assert shape(parts(after)[0]) == [
        *shape(root),
        ("resources", [("/3303/0/5603", ("-20.0", True)), ("b c", ("1", True))]),
    ]


def test_flow_mappings_keep_their_spaces_and_comments():
    text = "spec: {platform: x,   # the account\n  resources: { /3303/0/5603: -20.0 } } # end\n"
    spec = parts(text)[0].member("spec")
    after = spliced(text, [added(text, spec.member("resources"), {"/1/0/2": "300"})])
    assert after == "spec: {platform: x,   # the account\n  resources: { /3303/0/5603: -20.0, /1/0/2: 300 } } # end\n"
    assert spliced("a: {}\n", [added("a: {}\n", parts("a: {}\n")[0].member("a"), {"b": "1"})]) == "a: {b: 1}\n"
