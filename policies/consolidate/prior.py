"""The prior of the retention model: a scorecard trained on recorded sessions.

It must not know what the weights are used for. Written by `python -m benchmarks.consolidate.retention`.
"""

from policies.consolidate.retention import Prior

PRIOR = Prior(
    weights=(
        # kind
        -0.46, -1.25, 1.47, -1.79, -0.67, 0.00, -0.17, 1.84, 1.73, 0.44, -0.32, -0.81,
        # times given to a tool
        -0.27, -0.31, -0.06, 0.63,
        # times in a result
        -0.47, -0.13, 0.28, 0.33,
        # topics since, given or not
        1.22, -0.20, -0.63, -0.66, 1.09, -0.57, -0.29, 0.03,
        # age of the user's word
        0.00, 0.36, 0.71, 0.46, -0.10, 0.27, -0.21, -0.39, -0.72, -0.31, -0.07,
        # age as an argument
        0.00, 0.00, 1.44, 0.53, 0.04, -0.12, -0.51, -0.51, 0.30, -0.89, -0.27,
        # age in a result
        0.00, -0.37, 0.47, 0.50, 0.50, 0.69, 0.25, -0.28, -0.65, -0.65, -0.47,
        # age of its record
        0.80, 0.24, 0.56, 0.33, -0.14, -0.31, 0.00, -0.27, -0.78, -0.25, -0.19,
        # share of its field that was given, told or not
        -0.71, -0.04, -0.05, -0.03, -0.09, 0.32, 0.75, 0.45, -0.02, 0.00, -0.83, -0.96, -0.06, -0.18,
        0.45, 0.17, 0.65, 0.21, -0.04, 0.00,
        # name of its field
        -0.21, -0.53, 0.63, 0.10,
        # length
        0.00, -0.26, -0.40, 0.04, 0.65, 0.08, -0.11,
        # age within its topic, given or not
        -1.49, 1.21, 0.64, 0.53, 0.25, -0.43, -0.79, -0.19, 0.00, 0.00, -0.83, 0.21, 0.10, 0.29,
        0.43, 0.00, 0.12, -0.07, 0.00, 0.00,
    ),
    bias=-5.61,
)  # fmt: skip
"""Trained on
airline-gpt4o (3515 literals needed),
airline-gpt54 (410 literals needed),
airline-sonnet45 (649 literals needed),
retail-gpt41 (485 literals needed),
telecom-gpt41 (126 literals needed)."""
