"""Building: an order becomes a report, by the same questions that the screens ask."""
