"""Stories of great days: those that go round the world, those of big news, and those in other tongues."""

from __future__ import annotations

# (headline, desk, topics); each comes round again only after every window has forgotten it.
VIRALS: tuple[tuple[str, str, str], ...] = (
    ("The seal that rides the morning ferry has a season ticket", "Local", "Ferries, Nature"),
    ("Lost for thirty years, a wedding ring comes back in a crab pot", "Local", "Fishing, Harbour"),
    ("The street where no two neighbours had met, until the lift broke", "Local", "Housing, Volunteers"),
    ("A ten-year-old asked the council one question; the room stood up", "Politics", "Council, Schools"),
    ("The night bus driver who waits", "Transport", "Buses, Volunteers"),
    ("They found the harbour's first map behind a radiator", "Culture", "History, Harbour"),
)

BIG_DAYS: tuple[tuple[tuple[str, str, str], ...], ...] = (
    (
        ("Ferry crews walk out from midnight: what runs and what does not", "Transport", "Ferries, Strikes"),
        ("Who can claim for a cancelled crossing", "Service", "Ferries, Advice"),
        ("Inside the talks that failed at ten past eleven", "Politics", "Strikes, Ferries, Council"),
        ("Shops on the quay count a silent morning", "Economy", "Shops, Strikes"),
    ),
    (
        ("Four schools to close as pupil numbers fall", "Education", "Schools, Council"),
        ("Which schools close, and where pupils go: the full list", "Education", "Schools, Advice"),
        ("The closures passed by one vote: who said what", "Politics", "Council, Schools"),
        ("At the gates of Kiln Green, the last intake", "Local", "Schools, Kiln Green"),
    ),
    (
        ("Sea wall gives way at Saltmarsh: streets cleared before the tide", "Weather", "Flooding, Storms"),
        ("Where to go, whom to call: the flood in short", "Service", "Flooding, Advice"),
        ("The wall was rated sound in spring, papers show", "Politics", "Flooding, Council"),
        ("Night on the sandbags, in twelve voices", "Local", "Flooding, Volunteers"),
    ),
    (
        ("Yard wins the ferry order: 400 jobs for the Old Dock", "Economy", "Jobs, Old Dock, Ferries"),
        ("What the order is worth, and to whom", "Economy", "Jobs, Budget"),
        ("The welders who never left", "Long read", "Jobs, Old Dock"),
        ("Houses near the yard sell within hours", "Local", "Housing, Old Dock"),
    ),
    (
        ("Council leader resigns over the parking contract", "Politics", "Council, Parking"),
        ("The parking contract, page by page", "Politics", "Parking, Council"),
        ("Who runs Tidewater until the vote", "Service", "Council, Elections, Advice"),
        ("In the car park queue, nobody is surprised", "Local", "Parking"),
    ),
    (
        ("Rovers are up: the goal, the pitch, the night", "Sport", "Rovers"),
        ("Parade route, times and closed roads", "Service", "Rovers, Roads, Advice"),
        ("What promotion pays, line by line", "Economy", "Rovers, Economy at large"),
        ("Three generations on one terrace", "Local", "Rovers, History"),
    ),
)

TONGUES: tuple[tuple[str, str, str, str], ...] = (
    ("ka", "ბორანი ხვალიდან ჩვეული განრიგით ივლის", "Transport", "Ferries"),
    ("az", "Liman məktəblərində yeni dərs ili necə başlayır", "Education", "Schools"),
    ("ru", "Что изменится в расписании ночных автобусов", "Transport", "Buses, Advice"),
    ("ar", "ما الذي يتغير في مواعيد العبّارات", "Transport", "Ferries, Advice"),
    ("ka", "ქართველი მეზღვაურების კლუბი ძველ ნავსადგურში", "Culture", "Old Dock, Music"),
    ("az", "Köhnə limanda həftəsonu bazarı açıldı", "Local", "Market, Old Dock"),
    ("ru", "Как записать ребёнка в школу: шаг за шагом", "Service", "Schools, Advice"),
    ("ar", "مطبخ صغير في شارع السوق يجمع المدينة", "Culture", "Food"),
    ("ka", "როგორ დავარეგისტრიროთ ბავშვი სკოლაში", "Service", "Schools, Advice"),
    ("az", "Kirayə qiymətləri: rəqəmlər nə göstərir", "Economy", "Rents, Housing"),
    ("ru", "Рынок на набережной переезжает до весны", "Local", "Market"),
    ("ar", "متطوعون يعلّمون الإنجليزية في المكتبة", "Education", "Volunteers, Books"),
    ("ka", "საღამო, როცა მთელი ქუჩა მღეროდა", "Culture", "Music"),
    ("az", "Avtobus biletləri üçün yeni qaydalar", "Transport", "Buses, Advice"),
    ("ru", "Штормовое предупреждение: что нужно знать", "Weather", "Storms, Advice"),
    ("ar", "دليل السكان الجدد إلى خدمات المجلس", "Service", "Council, Advice"),
)
TONGUE_EVERY = 8  # days: a dozen in a window of 90
