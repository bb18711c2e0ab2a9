"""DuckDB's client-server protocol, Quack version 1: what a server reads and writes of it.

It is apart from `ask` because it only packs and unpacks: who asks, the gate and the limits are those of every
other door. Source: the messages and vectors that DuckDB 1.5.5 sends, and its description of them.
"""
