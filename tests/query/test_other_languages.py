"""Times in German, French and Czech mean what the English ones do. Today is 15 July 2026."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.query import parse
from crispd.query.dates.date_ranges import parse_time
from crispd.query.dates.other_languages import _ALL, _GERMAN, in_english

NOW = datetime.fromisoformat("2026-07-15T12:00:00")

# as it is written | the same in English
TIMES = """
seit 2019 | since 2019
ab 2019 | since 2019
bis 2018 | until 2018
vor 2010 | before 2010
nach 2010 | after 2010
seit Juni 2019 | since june 2019
seit letztem Sommer | since last summer
zwischen 2015 und 2018 | between 2015 and 2018
von 2015 bis 2018 | from 2015 to 2018
vor zwei Jahren | two years ago
vor einem Jahr | a year ago
vor 3 Wochen | 3 weeks ago
letzten Sommer | last summer
vom letzten Sommer | from last summer
letzte Woche | last week
letztes Wochenende | last weekend
voriges Jahr | last year
vergangenen Winter | last winter
letzten Samstag | last saturday
die letzten drei Monate | last 3 months
diesen Sommer | this summer
dieses Jahr | this year
gestern | yesterday
vorgestern | the day before yesterday
letzte Nacht | last night
am Sonntag | on sunday
Ende 2019 | late 2019
en juillet | in july
en juillet 2019 | july 2019
août 2019 | august 2019
14 juillet 2019 | 14 july 2019
été 2019 | summer 2019
été dernier | last summer
l'été dernier | last summer
l’année dernière | last year
la semaine dernière | last week
samedi dernier | last saturday
cet été | this summer
il y a deux ans | two years ago
les 3 derniers mois | last 3 months
d'hier | yesterday
avant-hier | the day before yesterday
depuis 2019 | since 2019
depuis juin 2019 | since june 2019
jusqu'en 2018 | until 2018
avant 2010 | before 2010
après 2010 | after 2010
entre 2015 et 2018 | between 2015 and 2018
v červenci | in july
v červenci 2019 | july 2019
září 2019 | september 2019
14. června 2021 | 14 june 2021
v létě 2019 | summer 2019
zima 2019 | winter 2019
loni | last year
loni v létě | last summer
předloni | two years ago
letos v létě | this summer
minulý týden | last week
minulé léto | last summer
minulou sobotu | last saturday
před dvěma lety | two years ago
před 3 týdny | 3 weeks ago
před rokem | a year ago
včera | yesterday
předevčírem | the day before yesterday
od roku 2019 | since 2019
od 2019 | since 2019
do roku 2018 | until 2018
po roce 2010 | after 2010
v roce 2019 | in 2019
mezi roky 2015 a 2018 | between 2015 and 2018
"""
PAIRS = [tuple(part.strip() for part in line.split("|")) for line in TIMES.strip().splitlines()]


@pytest.mark.parametrize(("written", "english"), PAIRS)
def test_a_time_means_the_same(written: str, english: str) -> None:
    """Alone, behind a thing and before one. What is left is the thing."""
    for sentence in ("{}", "Hund {}", "hrad {}", "{}, zámek"):
        found, meant = (parse(sentence.format(each), NOW) for each in (written, english))
        assert found.filters == meant.filters
        assert meant.filters.conditions
        assert found.words == meant.words
        assert [part.meant for part in found.interpreted] == [p.meant for p in meant.interpreted]


@pytest.mark.parametrize(("written", "english"), PAIRS)
def test_a_filter_takes_it(written: str, english: str) -> None:
    if not any(word in english.split() for word in ("in", "on", "from")):
        assert parse_time(written, NOW) == parse_time(english, NOW)


@pytest.mark.parametrize(
    ("written", "words", "meant"),
    [
        ("noël 2021", "noël", "2021-12-20 to 2022-01-06"),
        ("Noël dernier chez nous", "Noël chez nous", "2025-12-20 to 2026-01-06"),
        ("vánoce 2021", "vánoce", "2021-12-20 to 2022-01-06"),
        ("loni o vánocích", "vánocích", "2025-12-20 to 2026-01-06"),
        ("velikonoce 2022", "velikonoce", "2022-04-15 to 2022-04-18"),
        ("letzte Weihnachten", "Weihnachten", "2025-12-20 to 2026-01-06"),
        ("lundi de pâques 2021", "lundi de pâques", "2021-04-05"),
        ("jour de l'an 2021", "jour de l'an", "2021-01-01"),
        ("den matek 2021", "den matek", "2021-05-09"),
        ("month:juillet", "", "any July"),
        ("date:červenec", "", "any July"),
    ],
)
def test_feasts_stay_words_and_months_are_names(written: str, words: str, meant: str) -> None:
    found = parse(written, NOW)
    assert (found.words, [part.meant for part in found.interpreted]) == (words, [meant])


@pytest.mark.parametrize(
    "query",
    """
    ein Hund ist hier; Auto vor dem Haus; Hund nach dem Bad; bis zum Horizont; drei Jahre alt;
    sonntag im park mit oma und opa; der letzte Mohikaner; diese Katze; Sommerkleid; Anfang;
    mars rover; mars 2020 rover; fin whale 2 meters; an old man; un an; l'été; un chat passé;
    chat dans un arbre; depuis la fenêtre; avant garde; entre deux arbres; après ski; le 14;
    things to do 2018; what do march bands play; pes před domem; od moře k horám; po obědě;
    do lesa; zima na horách; léto; v lese; na jaře kvetou stromy; mai tai; juin; září nad mořem;
    on may day; hier; loner; ende; past; no year
    """.replace("\n", " ").split(";"),
)
def test_words_that_only_look_like_times_stay(query: str) -> None:
    query = query.strip()
    english = [word.text for word in in_english(query.lower().split())]
    assert english == query.lower().split()


@given(st.lists(st.sampled_from(sorted({w for p in _ALL for w in p.written if w.islower()} | {
    *_GERMAN["L"], *_GERMAN["U"], "2019", "12", "dog", "l'été", "mars", "mois", "v", "vánoce"})),
    max_size=8))  # fmt: skip
def test_any_words(words: list[str]) -> None:
    """All stand somewhere, and a question is never an error."""
    found = in_english(words)
    covered = [at for word in found for at in range(word.first, word.behind)]
    assert set(covered) == set(range(len(words)))
    parsed = parse(" ".join(words), NOW)
    for part in parsed.interpreted:
        assert " ".join(words)[part.start : part.end] == part.written
