"""What prefetching would gain, measured on recorded sessions: next calls foretold, read calls served ahead.

It must not be needed to use or test the proxy.
"""
