"""The words of dates, lower case."""

from __future__ import annotations

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_GERMAN_MONTHS = {
    "januar": 1, "jänner": 1, "februar": 2, "märz": 3, "maerz": 3, "mai": 5, "juni": 6, "juli": 7,
    "oktober": 10, "dezember": 12,
}  # fmt: skip
_ENGLISH_MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}
MONTHS = _ENGLISH_MONTHS | _GERMAN_MONTHS
MONTH_NAMES = tuple(name.capitalize() for name in _MONTHS)
SHORT_MONTHS = {name[:3]: number for name, number in _ENGLISH_MONTHS.items()} | {"sept": 9}
# What else is said: "a dog may run", "they march".
ALSO_VERBS = frozenset({"march", "may"})
ALSO_NAMES = frozenset({"april", "june", "august", "mai"})

WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS)}
SEASONS = {
    "spring": "spring", "springtime": "spring", "summer": "summer", "summertime": "summer",
    "autumn": "autumn", "fall": "autumn", "winter": "winter", "wintertime": "winter",
    "frühling": "spring", "frühjahr": "spring", "sommer": "summer", "herbst": "autumn",
}  # fmt: skip
NUMBERS = {name: number for number, name in enumerate(_NUMBERS, 1)} | {"a": 1, "an": 1}
UNITS = {name + ending: name for name in ("day", "week", "month", "year") for ending in ("", "s")}
EARLIER = frozenset({"past", "previous"})
LAST = EARLIER | {"last", "letzte", "letzten", "letzter", "letztes"}
PARTS = {"early": "early", "mid": "mid", "middle": "mid", "late": "late", "end": "late",
         "start": "early", "beginning": "early"}  # fmt: skip
