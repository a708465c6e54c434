"""Teams: several models that answer as one, with a graph that is decided for each question.

It must not know the road, nor any other policy.
"""
