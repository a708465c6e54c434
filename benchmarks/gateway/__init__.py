"""Benchmarks of the MCP gateway: that nothing it serves early differs from what a direct call would have got.

It must not be imported by the proxy.
"""
