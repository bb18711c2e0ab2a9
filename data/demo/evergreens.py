"""Sixty old stories that searchers still find, written long before any window begins."""

from __future__ import annotations

from typing import NamedTuple


class Evergreen(NamedTuple):
    """An old story: its headline, desk, topics and the day it came out."""

    title: str
    section: str
    topics: tuple[str, ...]
    published_on: str


_ROWS = """
What the 1987 flood taught the harbour|Long read|Flooding, History, Harbour|2019-02-17
How to check whether your bin day changes|Service|Bins, Advice|2023-11-03
How the tide tables are made|Service|Harbour, Nature, Advice|2021-04-11
Where to park near Quay Street, and what it costs|Service|Parking, Advice|2022-06-20
The last lighthouse crew on the coast|Long read|History, Harbour|2018-10-07
How to object to a planning notice|Service|Planning, Advice|2020-09-14
Why the Osmere ferry leaves at seven minutes past|Transport|Ferries, History|2017-05-22
School admissions explained, step by step|Education|Schools, Advice|2023-01-09
The wreck that feeds the reef|Long read|Nature, Harbour|2022-08-28
Which beaches allow dogs, month by month|Service|Dogs, Tourism, Advice|2024-03-18
A walk along the old sea wall in six stops|Culture|History, Tourism|2021-07-24
What to do when the power goes out|Service|Energy bills, Advice|2022-12-12
How council tax bands work in Tidewater|Service|Council, Budget, Advice|2024-02-26
The bakery families of Cooper Street|Long read|Food, History|2016-11-13
Every Rovers ground since 1889, on one map|Sport|Rovers, History|2019-08-05
Why the clock on Abbey Walk runs four minutes fast|Local|History|2018-03-30
How to report a pothole so that it gets fixed|Service|Roads, Advice|2023-03-06
The night the pier burned|Long read|Fire, History, East Pier|2017-12-03
What your water bill pays for|Economy|Energy bills, Advice|2023-05-15
Bus passes: who gets one and how|Transport|Buses, Advice|2022-10-10
The names on the harbour memorial|Culture|History, Harbour|2018-11-11
How storms get their names|Weather|Storms, Advice|2020-02-08
When the river freezes: a hundred years of records|Weather|History, Rivers|2021-01-17
The smugglers' cellars under Fish Street|Culture|History|2016-06-19
How to become a school governor|Education|Schools, Volunteers, Advice|2021-09-06
A beginner's guide to sailing from Lower Quay|Sport|Sailing, Advice|2020-05-30
Why rents differ so much between two sides of a street|Economy|Rents, Housing|2022-04-04
The woman who drew every ship|Culture|Art, Harbour|2019-10-20
How the tram came, went and came back|Transport|Trams, History|2020-11-29
Finding a childminder in Tidewater|Service|Childcare, Advice|2023-08-21
The market hall's roof, and the men who held it up|Long read|Market, History|2015-09-27
What a parish council can and cannot do|Politics|Council, Advice|2021-05-10
Ten fish that are landed here, and how to cook them|Culture|Food, Fishing|2022-02-13
How to trace a fisher in the family|Service|History, Fishing, Advice|2018-01-14
The day the circus lost its elephant|Local|History|2016-08-07
What is buried under the Old Dock|Long read|Old Dock, History|2020-10-18
Half-marathon route: every hill and every tap|Sport|Athletics, Advice|2023-04-17
Why gulls steal chips, and how to stop them|Local|Nature, Food|2021-06-13
How to read a Rovers balance sheet|Sport|Rovers, Economy at large|2022-09-19
The first women on the harbour board|Politics|History, Harbour|2018-02-06
Exam grades and what they mean|Education|Exams, Advice|2022-08-15
What to see in the museum in one hour|Culture|Museums, Tourism|2023-10-23
The Beacon Road steps: who built them and why|Local|History|2017-04-16
Flood wardens: what they do before the water comes|Local|Flooding, Volunteers|2021-11-21
How to get a mooring, and what you will pay|Service|Sailing, Harbour, Advice|2022-03-28
The ferry captain's rules for fog|Transport|Ferries, Weather at sea|2019-12-01
Why house prices jumped when the line opened|Economy|Housing, Rail|2020-07-13
The library that moved by wheelbarrow|Culture|Books, Volunteers|2019-05-19
Apprenticeships in the yard: how to apply|Education|Jobs, Advice|2023-02-20
What happens to your glass after the bin lorry|Local|Bins|2022-01-24
How the council counts its money|Politics|Budget, Council|2021-02-15
Wild swimming: where it is safe and when|Sport|Nature, Health, Advice|2022-05-29
The song that every Tidewater school sings|Culture|Music, Schools|2018-12-09
How to vote by post|Politics|Elections, Advice|2023-04-03
What the fog signal is saying|Weather|Harbour, Weather at sea|2019-01-20
The allotment waiting list, explained|Local|Nature, Advice|2022-07-18
Who owns the foreshore|Politics|Harbour, Planning|2020-06-22
The tannery ghosts and other walks for winter|Culture|History, Tourism|2017-10-29
How to start a stall on Saturday market|Economy|Market, Shops, Advice|2023-06-12
The lifeboat log of 1953|Long read|History, Harbour, Storms|2016-02-14
"""

EVERGREENS = tuple(
    Evergreen(title, section, tuple(topics.split(", ")), day)
    for title, section, topics, day in (row.split("|") for row in _ROWS.strip().splitlines())
)
