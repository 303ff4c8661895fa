"""Mutations of bytes: cut, flip, repeat, splice, and tokens that readers stumble over. Not guided by coverage."""

TOKENS = (
    *(b"null", b"true", b"-1", b"1e999", b"NaN", b"99999999999999999999", b"{}", b"[]", b'""', b'"\\ud800"', b"\x00"),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"<!DOCTYPE x>", b"&amp;", b"!!python/object:os.system", b"*a", b"&a ", b"---\n"),
    *(b"\t", b"[" * 300, b"9" * 5000, "\u202e\u0665".encode()),
)


def mutated(seed, dice):
    """Up to four mutations of a seed. `dice`: a random.Random."""
    found = bytearray(seed)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(found) + 1)
        to = min(len(found), at + dice.choice((1, 1, 2, 8, 64)))
        match dice.randrange(6):
            case 0:
                del found[at:]
            case 1 if at < len(found):
                found[at] ^= 1 << dice.randrange(8)
            case 2:
                found[at:to] = b""
            case 3:
                found[at:at] = found[at:to] * dice.choice((1, 2, 30))
            case 4:
                found[at:to] = dice.choice(TOKENS)
            case 5:
                other = dice.randrange(len(found) + 1)
                found[at:to] = found[other : other + 16]
    return bytes(found)
