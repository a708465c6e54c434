"""What the policy `consolidate` saves and keeps, measured on what an upstream received.

Nothing here asks the policy what it did. Unlike its neighbours this benchmark runs the proxy in its own process: bytes
are measured, not time.
"""
