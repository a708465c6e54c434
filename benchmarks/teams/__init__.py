"""Teams against equal spend, in a world of scripted models whose skills are known, and on recorded answers.

It must not know how a team decides: it hands questions to the plans that the proxy runs, and counts what they ask.
"""
