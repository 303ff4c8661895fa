"""The program broken on purpose, one rule at a time: what the simulation must catch to prove anything.

Each mutant is a function that takes `patch(place, name, stand_in)`; its docstring says which rule it breaks.
"""

from . import breadth, deadlines, doubts, found, herding, keeping, ordering, sending

MUTANTS = tuple(
    mutant
    for part in (doubts, deadlines, keeping, sending, found, breadth, ordering, herding)
    for name, mutant in list(vars(part).items())
    if callable(mutant) and getattr(mutant, "__module__", "") == part.__name__ and not name.startswith("_")
)
