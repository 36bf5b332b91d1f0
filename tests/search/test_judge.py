"""Where an answer ends, through the engine: over fakes, and over the sample album."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crispd.packs.pack import Pack
from crispd.search.cutoff import (
    CLOSEST_COUNT,
    NO_RELEVANCE_NOTE,
    NOTHING_NOTE,
    ONLY_MAYBE_NOTE,
)
from crispd.search.encode import EncodedQuery
from crispd.search.engine import NO_MATCH_NOTE, SearchEngine
from crispd.search.relevance.judge import RelevanceCutoff, RelevanceJudge
from crispd.search.relevance.probability import LibrarySample, RelevanceProbability
from crispd.search.unsure import DOUBTFUL_NOTE
from crispd.types import Filters, LogitWeights, MinRelevance, Query, RelevanceModel
from tests.packs import golden
from tests.search.fakes import (
    PICTURES,
    FakeCalibration,
    FakeIndex,
    FakeListings,
    FakePhotos,
    FakeReranker,
    FakeText,
    listing,
)

# likely from a score of about 2.2 on, maybe from 0 on, whatever the background
PLAIN = LogitWeights(1.0, 0.0, 0.0, 0.0)
MODEL = RelevanceModel(PLAIN, PLAIN, 0.9, 0.5, 10, np.zeros((2, 2), np.float32))


COARSE = {label: 5.0 - label for label in range(10)}  # likely: 0 to 2, maybe: 3 to 5


def engine(
    model: RelevanceModel | None,
    coarse: dict[int, float] = COARSE,
    words: int = 1,
    gain: float = 1.0,
) -> SearchEngine:
    listings = FakeListings()
    listings.put(*[listing(label * 10 + 1, label) for label in coarse])
    return SearchEngine(
        FakeText(words=words, gain=gain), FakeIndex(coarse), FakePhotos(dict.fromkeys(coarse, 1)),
        FakeReranker({0: -9.0}, short_list=1), FakeCalibration(), listings, relevance=model,
        pictures=PICTURES,
    )  # fmt: skip


def ask(wanted: MinRelevance | None, model: RelevanceModel | None = MODEL) -> list[tuple[str, str]]:
    answer = engine(model).search(Query("dog", words="dog", min_relevance=wanted))
    return [(hit.photo.path.partition("-")[0], str(hit.relevance)) for hit in answer.hits]


def test_every_hit_says_how_relevant_it_is_in_the_order_of_the_cascade() -> None:
    # the fine stage found that 0, which stands first, is none: what follows is as sure as both are
    named = [*["maybe"] * 6, *["unlikely"] * 4]
    assert [label for label, _ in ask("all")] == [str(label) for label in range(10)]
    assert [name for _, name in ask("all")] == named
    plain = replace(MODEL, likely=0.7)
    assert [name for _, name in ask("all", plain)][:5] == [*["likely"] * 5]


def test_an_answer_ends_where_it_is_asked_to() -> None:
    assert ask("likely") == []
    assert ask("likely", replace(MODEL, likely=0.7)) == [(str(at), "likely") for at in range(5)]
    assert [label for label, _ in ask("maybe")] == ["0", "1", "2", "3", "4", "5"]
    assert ask(None) == ask("maybe")


scores = st.integers(-12, 12).map(lambda value: value / 4)


@example({0: 1.0, 1: 0.75, 2: 0.5}, [-3.0] * 21, set(), 1, True, (0.9, 0.5), 0.0)
@given(
    coarse=st.dictionaries(st.integers(0, 20), scores, min_size=1, max_size=15),
    fine=st.lists(scores, min_size=21, max_size=21),
    without_tokens=st.sets(st.integers(0, 20), max_size=3),
    short_list=st.sampled_from([0, 1, 5, 20]),
    rerank=st.booleans(),
    cuts=st.sampled_from([(0.9, 0.5), (0.3, 0.04), (0.999, 0.9), (0.001, 0.0001)]),
    small=st.sampled_from([0.0, 0.9]),
)
def test_relevance_never_reorders(
    coarse: dict[int, float],
    fine: list[float],
    without_tokens: set[int],
    short_list: int,
    rerank: bool,
    cuts: tuple[float, float],
    small: float,
) -> None:
    listings = FakeListings()
    listings.put(*[listing(label * 10 + 1, label) for label in coarse])

    def ids(model: RelevanceModel | None, wanted: MinRelevance | None) -> list[str]:
        house = SearchEngine(
            FakeText(), FakeIndex(coarse), FakePhotos(dict.fromkeys(coarse, 1), without_tokens),
            FakeReranker(dict(enumerate(fine)), short_list=short_list), FakeCalibration(),
            listings, relevance=model, pictures=PICTURES,
        )  # fmt: skip
        query = Query("dog", 9, words="dog", min_relevance=wanted, rerank=rerank)
        answer = house.search(query)
        seen = list(answer.hits)
        while answer.next:
            answer = house.search(Query("", 9, cursor=answer.next))
            seen += answer.hits
        falls = [hit.score for hit in seen]
        assert falls == sorted(falls, reverse=True)
        return [hit.photo.id for hit in seen]

    direct = ids(None, None)
    model = replace(MODEL, likely=cuts[0], maybe=cuts[1], small=small, library=400)
    assert ids(model, "all") == direct
    for wanted in ("likely", "maybe"):
        shown = ids(model, wanted)
        assert shown == direct[: len(shown)]


def test_in_a_small_album_one_photo_leaves_less_to_those_far_behind_it() -> None:
    def likely(coarse: dict[int, float]) -> list[str]:
        answer = engine(replace(MODEL, likely=0.8, small=0.9, library=400), coarse).search(
            Query("dog", words="dog", rerank=False, min_relevance="likely")
        )
        return [hit.photo.id for hit in answer.hits]

    poor = {label: -1.0 - label / 100 for label in range(1, 10)}
    assert len(likely(poor)) == 9  # each may be the one that is there
    assert likely({0: 4.5, **poor}) == ["0-0"]


def test_the_gain_of_a_language_moves_relevance_and_no_photo() -> None:
    def found(gain: float) -> tuple[int, int, list[str], list[float]]:
        answer = engine(MODEL, COARSE, gain=gain).search(
            Query("pes", words="pes", rerank=False, min_relevance="all")
        )
        ids, scores = zip(
            *[(hit.photo.id, hit.coarse_score or 0.0) for hit in answer.hits], strict=True
        )
        return answer.likely, answer.maybe, list(ids), list(scores)

    plain, raised, lowered = found(1.0), found(1.5), found(0.6)
    # likely from 2.2 on, maybe from 0 on: of 5, 4, 3, 2, 1 and 0
    assert (plain[:2], raised[:2], lowered[:2]) == ((3, 3), (4, 2), (2, 4))
    assert plain[2:] == raised[2:] == lowered[2:]


def test_an_answer_that_nothing_fits_is_empty_and_says_how_to_see_more() -> None:
    never = replace(MODEL, likely=0.9999, maybe=0.999)
    answer = engine(never).search(Query("dog", words="dog"))
    assert (answer.hits, answer.likely, answer.maybe) == ((), 0, 0)
    assert answer.notes == (NOTHING_NOTE,)
    assert [hit.photo.id for hit in answer.closest] == [f"{at}-0" for at in range(6)]
    assert {hit.relevance for hit in answer.closest} == {"unlikely"}
    every = engine(never).search(Query("dog", words="dog", min_relevance="all"))
    assert (len(every.hits), every.likely, every.maybe, every.notes) == (10, 0, 0, ())
    assert every.closest == ()
    only_maybe = engine(replace(MODEL, likely=0.9999)).search(
        Query("dog", words="dog", min_relevance="likely")
    )
    assert (only_maybe.hits, only_maybe.notes) == ((), (ONLY_MAYBE_NOTE,))
    assert only_maybe.closest == ()
    assert engine(MODEL).search(Query("dog", words="dog")).closest == ()


def test_nobody_has_to_see_what_is_closest() -> None:
    never = engine(replace(MODEL, likely=0.9999, maybe=0.999))
    answer = never.search(Query("dog", words="dog", closest=False))
    assert (answer.hits, answer.closest, answer.notes) == ((), (), (NOTHING_NOTE,))


def test_what_is_closest_keeps_to_the_filters() -> None:
    never = replace(MODEL, likely=0.9999, maybe=0.999)
    house = engine(never)
    answer = house.search(Query("dog", words="dog", filters=Filters.of(before="2000-01-01")))
    assert (answer.hits, answer.closest) == ((), ())


def test_filters_in_words_that_let_nothing_through_are_no_dead_end() -> None:
    never = Filters.of(before="2000-01-01")
    house = engine(MODEL)
    typed = Query("dog before 2000", words="dog", filters=never, beside=Filters())
    answer = house.search(typed)
    assert (answer.hits, answer.notes) == ((), (NO_MATCH_NOTE,))
    assert len(answer.closest) == CLOSEST_COUNT
    assert answer.closest == house.search(Query("dog", words="dog")).hits
    assert house.search(replace(typed, closest=False)).closest == ()
    assert house.search(replace(typed, beside=never)).closest == ()


def test_a_doubtful_answer_says_so() -> None:
    doubt = replace(MODEL, likely=0.9, maybe=0.001, small=0.0)
    index = {label: -3.0 - label for label in range(3)}
    for words, notes in ((1, (DOUBTFUL_NOTE,)), (6, ())):
        house = engine(doubt, index, words)
        assert house.search(Query("zebra", words="zebra")).notes == notes
        assert house.search(Query("zebra", words="zebra", min_relevance="all")).notes == ()


def test_scores_never_rise_and_never_contradict_their_labels() -> None:
    wanted: list[MinRelevance | None] = [None, "likely", "maybe", "all"]
    for least in wanted:
        hits = engine(MODEL).search(Query("dog", words="dog", min_relevance=least)).hits
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        judge = RelevanceProbability(MODEL)
        assert [hit.relevance for hit in hits] == [judge.label(score) for score in scores]


def test_only_as_much_is_looked_at_as_is_needed_to_find_the_end() -> None:
    coarse = {label: 5.0 - label / 100 for label in range(10_000)}  # maybe: down to label 500
    listings = FakeListings()
    listings.put(*[listing(label * 10 + 1, label) for label in coarse])
    index = FakeIndex(coarse)
    house = SearchEngine(
        FakeText(), index, FakePhotos(dict.fromkeys(coarse, 1)), None, FakeCalibration(),
        listings, pictures=None, relevance=MODEL,
    )  # fmt: skip
    answer = house.search(Query("dog", 200, words="dog"))
    assert (answer.likely, answer.maybe) == (281, 220)
    assert max(index.asked) < 1000
    seen = list(answer.hits)
    while answer.next:
        answer = house.search(Query("", 200, cursor=answer.next))
        seen += answer.hits
    assert [hit.photo.id for hit in seen] == [f"{label}-0" for label in range(501)]
    assert max(index.asked) < 1000


def test_everything_is_still_everything() -> None:
    coarse = {label: 5.0 - label / 100 for label in range(1000)}
    listings = FakeListings()
    listings.put(*[listing(label * 10 + 1, label) for label in coarse])
    house = SearchEngine(
        FakeText(), FakeIndex(coarse), FakePhotos(dict.fromkeys(coarse, 1)), None,
        FakeCalibration(), listings, pictures=None, relevance=MODEL,
    )  # fmt: skip
    answer = house.search(Query("dog", 200, words="dog", min_relevance="all"))
    seen = list(answer.hits)
    while answer.next:
        answer = house.search(Query("", 200, cursor=answer.next))
        seen += answer.hits
    assert [hit.photo.id for hit in seen] == [f"{label}-0" for label in range(1000)]
    scores = [hit.score for hit in seen]
    assert scores == sorted(scores, reverse=True)


def test_counts_do_not_depend_on_the_page() -> None:
    house = engine(MODEL)
    first = house.search(Query("dog", 2, words="dog", min_relevance="maybe"))
    assert (first.likely, first.maybe, len(first.hits)) == (0, 6, 2)
    second = house.search(Query("", 9, cursor=first.next))
    assert (second.likely, second.maybe, len(second.hits), second.next) == (0, 6, 4, None)


def test_a_pack_that_cannot_tell_shows_everything_and_says_so() -> None:
    answer = engine(None).search(Query("dog", words="dog", min_relevance="likely"))
    assert NO_RELEVANCE_NOTE in answer.notes
    assert {hit.relevance for hit in answer.hits} == {None}
    assert len(answer.hits) == 10


@pytest.fixture(scope="module")
def pack() -> Pack:
    return golden.shipped()


class Album:
    """The sample album behind the pack that ships."""

    def __init__(self, pack: Pack) -> None:
        assert pack.relevance is not None
        assert pack.reranker is not None
        self.pack = pack
        self.paths, self.library = golden.album()
        self.weight = pack.reranker.coarse_weight
        self.judge = RelevanceJudge(
            lambda: pack.relevance, LibrarySample(self.library.index), self.weight
        )

    def likely(self, words: str) -> list[str]:
        text = self.pack.text_encoder.encode(words)
        verdict = self.judge.cutoff(EncodedQuery(text.embedding, text, self.pack.calibration))
        assert isinstance(verdict, RelevanceCutoff)
        coarse = self.library.vectors @ text.embedding
        reranker = self.pack.reranker
        assert reranker is not None
        fine = reranker.score(text, self.library.tokens)
        verdict = verdict.beside_best(coarse, fine)
        found = verdict.probabilities(coarse, fine)
        order = np.argsort(-found)
        return [self.paths[at].name for at in order
                if verdict.relevance.label(float(found[at])) == "likely"]  # fmt: skip


@pytest.fixture(scope="module")
def album(pack: Pack) -> Album:
    return Album(pack)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("a cat", "cat_chelsea.jpg"),
        ("a stream in the forest", "forest_stream.jpg"),
        ("a man taking a photo with a camera", "photographer.jpg"),
        ("yellow flowers in the grass", "dandelions.jpg"),
    ],
)
def test_what_is_in_the_album_is_likely(album: Album, words: str, name: str) -> None:
    assert album.likely(words)[:1] == [name]


def test_one_dog_in_the_album_makes_nothing_else_a_dog(album: Album) -> None:
    assert album.likely("a dog") == ["two_dogs_window.jpg"]


@pytest.mark.parametrize(
    "words",
    ["x-ray of a tooth", "receipt", "penguin", "floor plan", "sushi", "wedding cake", "bus",
     "snowboarding", "screenshot of a chat", "swimming pool"],
)  # fmt: skip
def test_what_is_not_in_the_album_is_not_likely(album: Album, words: str) -> None:
    assert album.likely(words) == []
