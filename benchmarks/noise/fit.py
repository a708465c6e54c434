"""The weights of the judges, fitted on recorded texts and printed as the source of `policies/noise/weights.py`.

It must not know how the judges are used.
"""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.noise import faithfulness, foreign, groups
from policies.noise.logistic import Logistic

HEAD = '''"""Weights of the judges, as `python -m benchmarks.noise fit` finds them.

It must not know how they are used.
"""

from policies.noise.logistic import Logistic
'''


def source(conversations: Sequence[Path], responses: Sequence[Path]) -> str:
    """The module's text. Raises `ValueError` where the files hold no replies or no abstracts."""
    found = groups.read(conversations)
    ground, changes = faithfulness.judges(faithfulness.rows(faithfulness.read(responses)))
    if ground is None or changes is None:
        raise ValueError("fit needs replies (tasks that begin with BEGIN) and abstracts, each supported and not")
    fitted = {
        "FOREIGN": (
            foreign.fit(foreign.rows(found)),
            "A sentence of nobody, in an aggregate that follows its workers one by one.",
        ),
        "SCATTERED": (foreign.fit(foreign.rows(found, shuffle=True)), "The same, in an aggregate that mixes them."),
        "GROUNDLESS": (ground, "A reply without ground in its source."),
        "ALTERED": (changes, "A retelling that changes what the source says."),
    }
    return HEAD + "".join(written(name, *each) for name, each in fitted.items())


def written(name: str, judge: Logistic, told: str) -> str:
    """One judge as source."""
    weights = "".join(f'        "{key}": {weight:.3f},\n' for key, weight in judge.weights.items())
    return f'\n{name} = Logistic(\n    {judge.bias:.3f},\n    {{\n{weights}    }},\n)\n"""{told}"""\n'
