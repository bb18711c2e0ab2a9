"""The only reading door: the questions of every screen, command, mail and API.

`ask.Ask` says what is wanted; `counts` turns it into one SQL question over rollups, or over facts where
a filter needs them; `figures` folds the counts into metrics by the rules of `metrics`.
"""
