"""The retention model trained and measured: which literals a state must hold, on recorded sessions.

It must not know the road: states are made and looked through in this process, without a proxy.
"""
