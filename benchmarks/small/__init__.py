"""Teams and divided inputs with small real models on this machine.

It must not know scripted worlds: what is measured here is what such models do, as it is.
"""
