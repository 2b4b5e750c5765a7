"""Typing variants of names: what links, forms and hands make of one campaign."""

import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable


def fold(name: str) -> str:
    """What is left of a name when case, width, accents, spaces and punctuation do not count.

    >>> fold("Black-Friday 2026"), fold("black_friday_2026"), fold("Été!")
    ('blackfriday2026', 'blackfriday2026', 'ete')
    >>> fold("春季 促销"), fold("!?")
    ('春季促销', '')
    """
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def find_variants(names: Iterable[tuple[int, str, Hashable]]) -> list[list[int]]:
    """Group ids of equal folded names; ``names`` are triples (id, name, scope).

    Only names of one scope are compared.

    >>> find_variants([(1, "Spring", "a"), (2, "spring ", "a"), (3, "SPRING", "b"), (4, "?", "a")])
    [[1, 2]]
    """
    groups = defaultdict(list)
    for key, name, scope in names:
        folded = fold(name or "")
        if folded:
            groups[scope, folded].append(key)
    return [keys for keys in groups.values() if len(keys) > 1]
