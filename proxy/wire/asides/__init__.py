"""Asides: what is said between the model and the proxy within one reply, in each wire form.

A room of this package must not know who answers the calls, nor send anything: bytes in, bytes out.
"""
