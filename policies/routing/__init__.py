"""The guest that chooses a model by its card, its price and what came of earlier choices.

It must not know the road or any other policy.
"""
