"""How well the checks of an aggregation see what was lost, added or changed, on texts with known faults.

It must not be needed to use or test the proxy.
"""
