"""What goes out over HTTP beside the screens: the counters and lists that a news page shows its readers.

Nobody signs in here, so this room answers by itself, in front of the screens and before their guard: it
shows only what a site has turned on, asks `queries` at most once a minute for each question, one at a time,
and takes readers' words (titles, names, addresses) for what they are: text.
"""
