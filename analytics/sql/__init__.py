"""The analysts' desk: any SELECT over the archive, in a process that can be killed and reads nothing else.

`ask.Asking.ask` is the one door of page, API and command; `scheduled.run` runs a saved query for its owner,
for reports, alerts and tiles. `pool` keeps and ends the processes, `worker` is what
runs in them, `confine` takes from it what a query never needs, `gate` says which statements are one harmless
SELECT.

Worker, confine, gate and wire import little: they are what every query's process loads.
"""
