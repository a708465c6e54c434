"""What each model will score on a question, learned from a file of scored questions.

It must not know where the questions came from, nor cards, prices or outcomes in use. Needs numpy: whoever lends it to
routing imports it only where there is such a file.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from policies.routing.estimator import Estimator, fit
from policies.routing.prior import Foretold
from policies.routing.sketch import Rows, sketches
from policies.routing.space import Space

UNKNOWN = 0.5
"""What is believed of every model beforehand."""
REMEMBERED = 256


class Foretelling:
    """Fitted once; asked on the road. The same question is foretold once (milliseconds), then remembered."""

    def __init__(self, models: Sequence[str], space: Space, estimator: Estimator, means: Sequence[float]) -> None:
        self.models = tuple(models)
        self._space = space
        self._estimator = estimator
        self._means = dict(zip(self.models, means, strict=True))
        self._known: OrderedDict[bytes, Foretold] = OrderedDict()

    @classmethod
    def of(
        cls,
        models: Sequence[str],
        texts: Sequence[str],
        scores: Sequence[Sequence[float | None]],
        vectors: Sequence[Sequence[float]] = (),
    ) -> "Foretelling":
        """Learns from questions and what each model scored on them, 0 to 1, None where that is not known: nothing is
        foretold of a model without any. `vectors`: an embedding for each question, of length 1, or none at all. Seconds
        for thousands. Raises `ValueError` for fewer than two questions."""
        rows = _rows(texts, vectors)
        known = np.array(scores, np.float32)
        scored = (~np.isnan(known)).sum(0) > 0
        known, models = known[:, scored], [name for name, there in zip(models, scored, strict=True) if there]
        space = Space.of(rows)
        estimator = fit(space.place(rows), known, np.full_like(known, UNKNOWN))
        means = UNKNOWN + estimator.level
        return cls(models, space, estimator, means.tolist())

    def foretold(self, question: str, vector: Sequence[float] = ()) -> Foretold:
        """What is expected of each model on a question. `vector` is needed where it was learned with embeddings."""
        key = blake2b(question.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        found = self._known.pop(key, None) or self._ask(question, vector)
        self._known[key] = found
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _ask(self, question: str, vector: Sequence[float]) -> Foretold:
        asked = self._space.place(_rows([question], [vector] if vector else ()))
        scores = self._estimator.scores(asked, np.full((1, len(self.models)), np.float32(UNKNOWN)))
        best = int(self._estimator.chosen(asked, scores)[0])
        shares = dict(zip(self.models, scores[0].tolist(), strict=True))
        return Foretold(self._means, shares, self.models[best])


def _rows(texts: Sequence[str], vectors: Sequence[Sequence[float]]) -> Rows:
    rows = sketches(list(texts))
    return np.hstack([rows, np.array(vectors, np.float32)]) if vectors else rows
