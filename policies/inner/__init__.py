"""What policies share: calls of their own (requests made of the client's, what they cost, the usage that the client is
told), and what several of them read or write: bodies, JSON, headers, names, reports.

It must not know why. Not a policy, but a page that policies share.
"""
