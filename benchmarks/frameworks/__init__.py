"""Teams made with LangGraph, AG2 and the OpenAI Agents SDK, before a real proxy: which requests put several replies
together.

It must not know how a proxy sees that.
"""
