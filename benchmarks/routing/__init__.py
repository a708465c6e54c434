"""How well `policies.routing` chooses models, on recorded scores of several models for the same questions.

It must not be imported by the proxy or the policies.
"""
