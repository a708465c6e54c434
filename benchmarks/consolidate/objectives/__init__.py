"""Many objectives in one session, answered by a real model: what condensing does to the answers.

After the multi-objective setting of MEM1 (arXiv 2506.15841). It must not know how the policy works.
"""
