"""Calls that a policy makes of its own: requests made of the client's, what they cost, and the usage that the client
is told.

It must not know why they are made. Not a policy, but a page that policies share.
"""
