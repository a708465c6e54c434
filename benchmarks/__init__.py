"""Benchmarks: what the road costs, measured beside an empty relay and beside other proxies.

Nothing here imports `proxy`: every contestant is a process with a port, and is measured from outside.
"""
