"""Questions as people type them, and what each means. Today is Wednesday, 15 July 2026."""

from __future__ import annotations

from datetime import datetime

import pytest

from crispd.query import parse

NOW = datetime.fromisoformat("2026-07-15T12:00:00")

# question | words | field and meaning of each part, "; " between them, "-" before negated ones
UNDERSTOOD = """
beach last summer | beach | date 2025-06-01 to 2025-08-31
last summer | | date 2025-06-01 to 2025-08-31
Last Summer! | | date 2025-06-01 to 2025-08-31
photos from last summer, beach | photos beach | date 2025-06-01 to 2025-08-31
grandma last winter | grandma | date 2025-12-01 to 2026-02-28
this summer | | date 2026-06-01 to 2026-08-31
summer 2019 | | date 2019-06-01 to 2019-08-31
in the summer of 2019 | | date 2019-06-01 to 2019-08-31
summer of '69 | | date 1969-06-01 to 1969-08-31
kids in summer ’19 | kids | date 2019-06-01 to 2019-08-31
hike fall 2020 | hike | date 2020-09-01 to 2020-11-30
winter 2019/20 snow | snow | date 2019-12-01 to 2020-02-29
summer last year | | date 2025-06-01 to 2025-08-31
christmas 2021 | christmas | date 2021-12-20 to 2022-01-06
dog christmas 2021 | dog christmas | date 2021-12-20 to 2022-01-06
last christmas | christmas | date 2025-12-20 to 2026-01-06
christmas last year | christmas | date 2025-12-20 to 2026-01-06
last year's christmas party | christmas party | date 2025-12-20 to 2026-01-06
christmas tree 2021 | christmas tree | date 2021-01-01 to 2021-12-31
xmas 2018 | xmas | date 2018-12-20 to 2019-01-06
christmas eve 2020 | christmas eve | date 2020-12-24
new year's eve 2019 | new year's eve | date 2019-12-31 to 2020-01-01
easter 2022 | easter | date 2022-04-15 to 2022-04-18
easter two years ago | easter | date 2024-03-29 to 2024-04-01
last halloween pumpkin | halloween pumpkin | date 2025-10-25 to 2025-11-01
thanksgiving 2023 | thanksgiving | date 2023-11-23 to 2023-11-26
4th of july 2025 fireworks | 4th of july fireworks | date 2025-07-03 to 2025-07-05
mother's day 2024 | mother's day | date 2024-05-12
kids in March | kids | month any March
july | | month any July
in july | | month any July
juli | | month any July
im Juli | | month any July
strand im Juli mit hund | strand mit hund | month any July
im März | | month any March
beach in july 2019 | beach | date 2019-07-01 to 2019-07-31
Strand im Juli 2019 | Strand | date 2019-07-01 to 2019-07-31
Sommer 2019 | | date 2019-06-01 to 2019-08-31
letzten Sommer | | date 2025-06-01 to 2025-08-31
im Jahr 2019 | | date 2019-01-01 to 2019-12-31
Weihnachten 2021 | Weihnachten | date 2021-12-20 to 2022-01-06
Hund an Weihnachten 2021 | Hund an Weihnachten | date 2021-12-20 to 2022-01-06
Silvester 2019 | Silvester | date 2019-12-31 to 2020-01-01
Vatertag 2021 | Vatertag | date 2021-05-13
date:july | | month any July
month:7 beach | beach | month any July
month:2021-06 | | date 2021-06-01 to 2021-06-30
in December | | month any December
snow in may | snow | month any May
march 2020 | | date 2020-03-01 to 2020-03-31
cake, march of 2020 | cake, | date 2020-03-01 to 2020-03-31
last march | | date 2026-03-01 to 2026-03-31
last year in march | | date 2025-03-01 to 2025-03-31
in march last year | | date 2025-03-01 to 2025-03-31
in march in italy 2019 | in italy | date 2019-03-01 to 2019-03-31; date 2019-01-01 to 2019-12-31
Sept 2018 garden | garden | date 2018-09-01 to 2018-09-30
december | | month any December
14 june 2021 | | date 2021-06-14
June 14th, 2021 wedding | wedding | date 2021-06-14
on june 14 | | date 2026-06-14
the 14th of september | | date 2025-09-14
wedding 2021-06-14 | wedding | date 2021-06-14
wedding 2021-06 | wedding | date 2021-06-01 to 2021-06-30
14.6.2021 | | date 2021-06-14
14/6/2021 | | date 2021-06-14
two years ago | | date 2024-01-01 to 2024-12-31
dog two years ago | dog | date 2024-01-01 to 2024-12-31
a year ago | | date 2025-01-01 to 2025-12-31
a couple of years ago | | date 2024-01-01 to 2024-12-31
3 weeks ago | | date 2026-06-22 to 2026-06-28
2 months ago garden | garden | date 2026-05-01 to 2026-05-31
five days ago | | date 2026-07-10
yesterday | | date 2026-07-14
cat yesterday | cat | date 2026-07-14
the day before yesterday | | date 2026-07-13
today | | date 2026-07-15
party last night | party | date 2026-07-14 18:00 to 2026-07-15 06:00
last weekend | | date 2026-07-11 to 2026-07-12
last week | | date 2026-07-06 to 2026-07-12
last month | | date 2026-06-01 to 2026-06-30
last year | | date 2025-01-01 to 2025-12-31
this year | | date 2026-01-01 to 2026-12-31
last saturday | | date 2026-07-11
lunch on sunday | lunch | date 2026-07-12
last 3 months | | date 2026-04-15 to 2026-07-15
in the past two weeks | | date 2026-07-01 to 2026-07-15
in 2015 | | date 2015-01-01 to 2015-12-31
birthday cake in 2019 | birthday cake | date 2019-01-01 to 2019-12-31
2015 | | date 2015-01-01 to 2015-12-31
beach 2015 | beach | date 2015-01-01 to 2015-12-31
italy 2018, beach | italy beach | date 2018-01-01 to 2018-12-31
taken in 2012 | | date 2012-01-01 to 2012-12-31
90s | | date 1990-01-01 to 1999-12-31
wedding 2016 in rome | wedding in rome | date 2016-01-01 to 2016-12-31
beach 2015 with dogs | beach with dogs | date 2015-01-01 to 2015-12-31
date:last_summer | | date 2025-06-01 to 2025-08-31
date:mid-2018 | | date 2018-05-01 to 2018-08-31
date:"2021-06-14 10:30" | | date 2021-06-14 10:30 to 2021-06-14 10:31
after:2021-06-14T10:30:00+02:00 | | after 2021-06-14 10:30 or later
costumes 2019 and 2020 | costumes | date 2019-01-01 to 2020-12-31
2019 or 2020 beach | beach | date 2019-01-01 to 2020-12-31
sunday 14 june 2020 | | date 2020-06-14
20 march | | date 2026-03-20
one year ago today | | date 2025-07-15
photos older than two years | photos | before before 2024-07-15
newer than 3 weeks | | after 2026-06-24 or later
this spring in the garden | in the garden | date 2026-03-01 to 2026-05-31
snowman january | snowman | month any January
tag:family,friends | | keyword family and friends
NOT type:heic | | -type heic
late 2019 | | date 2019-09-01 to 2019-12-31
at the end of 2019 | | date 2019-09-01 to 2019-12-31
kids in the 90s | kids | date 1990-01-01 to 1999-12-31
the '80s | | date 1980-01-01 to 1989-12-31
early 2010s | | date 2010-01-01 to 2013-12-31
before 2010 | | before before 2010-01-01
beach before 2010 | beach | before before 2010-01-01
older than 2010 | | before before 2010-01-01
since june | | after 2026-06-01 or later
since christmas | | after 2025-12-20 or later
garden since last summer | garden | after 2025-06-01 or later
after march 2020 | | after 2020-03-01 or later
until 2018 | | before before 2019-01-01
between 2015 and 2018 | | date 2015-01-01 to 2018-12-31
from june to august | | date 2026-06-01 to 2026-08-31
between november and february | | date 2025-11-01 to 2026-02-28
from november 2019 until february | | date 2019-11-01 to 2020-02-29
kids 2015-2018 | kids | date 2015-01-01 to 2018-12-31
boat 2019..2021 | boat | date 2019-01-01 to 2021-12-31
beach -people | beach | -without people
NOT people beach | beach | -without people
not people | | -without people
beach without people | beach | -without people
no people beach | beach | -without people
no cars | | -without cars
dog not on grass | dog | -without grass
street with no red cars at night | street at night | -without red cars
beach without people or dogs at sunset | beach at sunset | -without people and dogs
beach without people and a dog | beach and a dog | -without people
beach, no people, sunset 2015 | beach, sunset | -without people; date 2015-01-01 to 2015-12-31
Man without shirt climbing | Man climbing | -without shirt
not a dog but a cat | a cat | -without dog
nobody on the beach | on the beach | -without people
snow not in july | snow | -month any July
Strand ohne Menschen | Strand | -without Menschen
Strand ohne Menschen und Autos im Juli | Strand | -without Menschen and Autos; month any July
kein rotes Auto Straße | Straße | -without rotes Auto
Hund nicht auf Gras | Hund | -without Gras
plage sans personnes | plage | -without personnes
plage sans personnes coucher de soleil | plage coucher de soleil | -without personnes
plage sans enfants ni chiens en juillet | plage | -without enfants and chiens; month any July
rue sans voitures rouges la nuit | rue la nuit | -without voitures rouges
portrait sans lunettes de soleil | portrait | -without lunettes de soleil
chien pas de neige | chien | -without neige
jardin, pas d'enfants | jardin, | -without enfants
jardin pas d’enfants | jardin | -without enfants
chat pas sur le lit | chat | -without lit
aucune voiture rue | rue | -without voiture
rue sans une seule grande voiture bleue | rue | -without grande voiture bleue
montagne et sans neige | montagne | -without neige
pas loin de la mer | pas loin de la mer |
le chien n'est pas sur le lit | le chien n'est pas sur le lit |
un homme ne portant pas de chemise | un homme ne portant pas de chemise |
robe sans manches | robe sans manches |
homme sans porter de chapeau | homme | -without chapeau
sans doute | sans doute |
plage sans fin | plage sans fin |
un pas de danse | un | -without danse
pláž bez lidí | pláž | -without lidí
pláž bez lidí západ slunce | pláž západ slunce | -without lidí
ulice bez červených aut v noci | ulice v noci | -without červených aut
les bez sněhu a bez lidí v červenci | les | -without sněhu; -without lidí; month any July
zahrada bez dětí ani psů | zahrada | -without dětí and psů
žádná auta ulice | ulice | -without auta
pes ne na trávě | pes | -without trávě
nikdo na pláži | na pláži | -without lidé
nikdo ho neposlouchá | nikdo ho neposlouchá |
tričko bez rukávů | tričko bez rukávů |
muž beze svého kola | muž | -without kola
bez problému | bez problému |
beach -"red car" | beach | -without red car
beach −people –dogs | beach | -without people; -without dogs
"birthday cake" in:2019/party type:heic | birthday cake | folder 2019/party; type heic
camera:pixel after:2020-06 | | camera pixel; after 2020-06-01 or later
camera:"Canon EOS" cat | cat | camera Canon EOS
camera:canon,pixel camera:all:eos,r5 | | camera canon or pixel; camera eos and r5
person:anna -person:"ben öz" beach | beach | person anna; -person ben öz
who:all:anna,ben NOT place:Lissabon | | person anna and ben; -place Lissabon
in:a city:"Paris, Texas" | | folder a; place Paris or Texas
filename:IMG_1234 -name:copy text:"due date" | | name IMG_1234; -name copy; text due date
name: mum | name: mum |
type:jpg,png | | type jpeg or png
Type: HEIC beach | beach | type heic
ext:.NEF | | type nef
in:"my party" cake | cake | folder my party
in:2019\\party | | folder 2019/party
in:“my party” | | folder my party
-in:trash -type:gif | | -folder trash; -type gif
after:last summer dog | dog | after 2025-06-01 or later
date:summer dog | dog | date 2026-06-01 to 2026-08-31
date:2019..2021 | | date 2019-01-01 to 2021-12-31
before:two years ago | | before before 2024-01-01
until:2015 | | before before 2016-01-01
year:2015 corvette | corvette | date 2015-01-01 to 2015-12-31
on:2021/06/14 | | date 2021-06-14
date:2019.. | | date 2019-01-01 or later
near:48.86,2.35,5km | | near within 5 km of 48.86, 2.35
near:-33.86, 151.2 beach | beach | near within 5 km of -33.86, 151.2
near:33.86S,151.2E,500m | | near within 0.5 km of -33.86, 151.2
has:gps | | has gps
-has:location | | -has gps
is:portrait | | orientation portrait
rating:>=4 | | rating 4 stars or more
rating:>3 sunset | sunset | rating 4 stars or more
stars:5 | | rating 5 stars
tag:holiday tag:"two words" | | keyword holiday; keyword two words
size:>12mp | | size at least 12 megapixels
width:>2000 | | size at least 2001 pixels wide
size:4000x3000 | | size at least 4000 x 3000 pixels
+like:7tspv4wp7vkn5gzrwtjl4vzs snow | snow | like 7tspv4wp7vkn5gzrwtjl4vzs
-like:7tspv4wp7vkn5gzrwtjl4vzs | | -like 7tspv4wp7vkn5gzrwtjl4vzs
\u200f-אנשים חוף | חוף | -without אנשים
"""

# Nothing here is a date or a filter: every word is searched for.
WORDS = """
a dog may run
may flowers
may
mai
she may be dancing
this may be a dog
march of penguins
soldiers march in step
march
people march to the sea
march madness
summer dress
summer
summer hat on a beach
winter coat
house in winter
kids playing in the summer
fall leaves
a fall from a horse
man after fall
spring flowers
a metal spring
sunday roast
sunday
sat on a bench
sun over the sea
mon chat
wed in white
second birthday
second hand shop
my birthday
first day of school
last day of school
last year of school
the last supper
the last leaf
last train home
christmas tree
christmas
at christmas
on christmas eve
christmas presents under the tree
halloween pumpkin
halloween
easter eggs
new year fireworks
thanksgiving turkey
valentine's day card
2015 corvette
1967 mustang convertible
class of 2015
windows 2000
route 1966
blade runner 2049
1000 candles
2001 a space odyssey poster
90s music party
1950s diner
the 90s show
4th of july fireworks
this winter coat
this summer dress
last one standing
last minute shopping
miss march
smiling june
dad's 60th birthday
black friday queue
next summer
nokia 3310
euro 2016 final
before we moved
after school
type:
from: mum
on: the table
IMG_20210614_101200.jpg
usa today newspaper
tonight show
last 2 days of school
2018 in pictures
10 dogs
3 people on a boat
two boys in a tree
two years old boy
a week old kitten
12 monkeys
room 101
number 1984
april smiling
june and august
august holding a cat
april with june
jan and dec
may and june at the beach
year of the dog
time flies
now and then
night market
good morning coffee
yesterday's newspaper
weekend bag
a day at the beach
the day after
5 minutes of fame
half past two
from dusk till dawn
before sunrise
before and after
after the rain
until the end
since then
between two trees
between a dog and a cat
from the sea to the mountains
in the garden
in a red hat
in 20000 pieces
on the table
of mice and men
note: the cake
score 3:2
12:30
http://example.com/a?b=c
https://foo.bar
re: party
c:\\photos
ratio 16:9
t-shirt
black-and-white
- people
-
--
a - b
-5 degrees
snow at -5
5" screen
rock 'n roll
mum's cake
the dogs' toys
don't
not
no parking sign
not only dogs
dog not looking at the camera
whether or not
a man that is not on the boat
a racer not far behind
no 5
people AND dogs
cats OR dogs
50% off
C++
#beach
@home
🎂
🎂🎂 party
حفلة عيد ميلاد
生日蛋糕
torta di compleanno
hund am strand
like a rolling stone
feels like:this
3/4/2021
2021-13
2021-02-30
"""


def _rows() -> list[tuple[str, str, str]]:
    rows = [line.split(" |") for line in UNDERSTOOD.strip().splitlines()]
    return [(query, words.strip(), meaning.strip()) for query, words, meaning in rows]


def _shown(query: str) -> str:
    return "; ".join(
        f"{'-' * one.negated}{one.field} {one.meant}" for one in parse(query, NOW).interpreted
    )


@pytest.mark.parametrize(("query", "words", "meaning"), _rows())
def test_what_is_understood(query: str, words: str, meaning: str) -> None:
    assert (parse(query, NOW).words, _shown(query)) == (words, meaning)


@pytest.mark.parametrize("query", WORDS.strip().splitlines())
def test_what_stays_words(query: str) -> None:
    parsed = parse(query, NOW)
    assert (parsed.words, parsed.interpreted) == (query, ())


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("christmas 2021", "christmas 2021"),
        ("dog, Christmas 2021!", "Christmas 2021"),
        ("last christmas", "last christmas"),
        ("Weihnachten 2021", "Weihnachten 2021"),
        ("christmas last year with dogs", "christmas last year"),
        ("christmas tree 2021", ""),
        ("christmas", ""),
        ("in july", ""),
    ],
)
def test_a_feast_with_its_time_has_days(query: str, days: str) -> None:
    assert parse(query, NOW).days == days


def test_the_table_is_as_large_as_the_documentation_says() -> None:
    assert len(_rows()) >= 100
    assert len(WORDS.strip().splitlines()) >= 100


@pytest.mark.parametrize(
    ("question", "printed"),
    [
        ("12.3.2021", {"text": "20210312"}),
        ("receipt from 2021-03-12 type:jpeg", {"type": "jpeg", "text": "20210312"}),
        ("3/4/2021", None),  # day and month may be either: it is a word
        ("date:12.3.2021", None),
        ("before 12.3.2021", None),
        ("12.3.2021 or 14.3.2021", None),
        ("march 2021", None),
    ],
)
def test_a_day_in_digits_may_stand_in_the_photo(
    question: str, printed: dict[str, str] | None
) -> None:
    found = parse(question, NOW).printed
    told = found and {one.name: one.values[0] for one in found.conditions}
    assert told == printed
