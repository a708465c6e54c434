"""The weights that are shipped."""

from policies.noise import weights
from policies.noise.faithful import Source
from policies.noise.statements import Statements
from policies.noise.support import supported
from policies.noise.text import sentences
from tests.policies.noise.team import AGGREGATE, WORKERS


def test_each_weight_is_of_a_feature_there_is() -> None:
    """A renamed feature would silently count for nothing."""
    features = supported(Statements(WORKERS), sentences(AGGREGATE))[0].features
    assert {*weights.FOREIGN.weights} == {*weights.SCATTERED.weights} == {*features}
    judged = Source("A man sold his boat.").judged("A woman bought it.")
    assert {*weights.GROUNDLESS.weights} == {*judged.groundless}
    assert {*weights.ALTERED.weights} == {*judged.altered}
