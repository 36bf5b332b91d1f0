"""The search engine: it chains the steps of a search, one module each.

encode → filter → retrieve → rerank → fuse → cut off → sort → collapse → page. What passes between
them is frozen: ``EncodedQuery``, ``Candidates``, ``Ranking``, ``ResultPage``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.query.spelling import SpellingCorrector
from crispd.search.cutoff import (
    CLOSEST_COUNT,
    NO_RELEVANCE_NOTE,
    apply_cutoff,
    with_probabilities,
)
from crispd.search.encode import QueryEncoder
from crispd.search.metadata_index.facets import shortened
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.search.negative import BackgroundEstimator
from crispd.search.ranking import relabelled
from crispd.search.relevance.judge import RelevanceJudge
from crispd.search.relevance.library_fit import model_source
from crispd.search.relevance.probability import LibrarySample
from crispd.search.rerank import FINE_CHUNK, ShortlistReranker
from crispd.search.results.collapse import NO_GROUPS, DuplicateGroups, collapse
from crispd.search.results.collapsed_pages import CollapsedPager
from crispd.search.results.cursor import Cursor
from crispd.search.results.match_reasons import MatchReasons
from crispd.search.results.result_cache import ResultCache, cursor_of
from crispd.search.results.result_pages import ResultPager
from crispd.search.retrieve import CandidateRetrieval
from crispd.search.sort import sort_by_distance, sort_by_time
from crispd.search.suggest.completions import complete
from crispd.search.suggest.suggestions import DEFAULT_WORDS, SuggestionProvider
from crispd.search.suggest.translations import translations
from crispd.search.timings import StageTimings
from crispd.search.unsure import wanted_relevance, with_unsure_note
from crispd.search.words.derived_words import DerivedWordSource
from crispd.search.words.fuse import WordFusion
from crispd.search.words.near_words import NearWords
from crispd.search.words.word_source import LibraryVocabulary
from crispd.types import Filters, Note, Query, ResultPage, Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.encode import EncodedQuery
    from crispd.search.metadata_index.metadata_index import FilterResult
    from crispd.search.ranking import Ranking
    from crispd.search.results.result_cache import CachedResult
    from crispd.search.words.word_source import WordSource
    from crispd.types import (
        Calibration,
        CoarseIndex,
        Completion,
        Floats,
        ImageQueryModel,
        Labels,
        MetadataSource,
        PhotoReader,
        PlaceLookup,
        RelevanceModel,
        Reranker,
        SearchHit,
        SecondReranker,
        TextEncoder,
    )

__all__ = ["FINE_CHUNK", "SearchEngine"]

# Answers that go on under another pack: of those who read now.
_CARRIED_OVER = 64

NO_MATCH_NOTE = Note("No photo of the library fits these filters.", "no_match")
NO_PHOTOS_NOTE = Note("No photos are indexed yet.", "no_photos")


class SearchEngine:
    """Runs queries. Thread-safe where its collaborators are.

    ``words``: the word index; None without one. ``places``: what names of places mean.
    ``is_visual``: whether the models know a word.
    ``relevance``: the pack's constants; without them they are fitted to the library with the help
    of ``neutral`` vectors, and where there are neither, nobody tells how relevant a photo is.
    ``short_list``: K, None for the pack's own. ``fine_deadline_ms``: time limit of the fine stage,
    reading its tokens included; candidates that it does not reach keep their coarse place after
    the others. ``second``: the fine stage of another pack; ``language``: the pack's own.
    """

    def __init__(
        self,
        text: TextEncoder,
        index: CoarseIndex,
        photos: PhotoReader,
        reranker: Reranker | None,
        calibration: Calibration,
        metadata: MetadataSource,
        *,
        speller: SpellingCorrector | None = None,
        relevance: RelevanceModel | None = None,
        neutral: Floats | None = None,
        pictures: ImageQueryModel,
        words: WordSource | None = None,
        places: PlaceLookup | None = None,
        is_visual: Callable[[str], bool] = lambda _: True,
        short_list: int | None = None,
        fine_deadline_ms: float = 250.0,
        second: SecondReranker | None = None,
        language: str = "en",
        suggested: tuple[str, ...] = (),
    ) -> None:
        self.metadata_index = MetadataIndex(metadata, places)
        sample = LibrarySample(index)
        speller = speller or SpellingCorrector({})
        weight = 0.0 if reranker is None else reranker.coarse_weight
        self._encoder = QueryEncoder(
            text, index, photos, speller,
            LibraryVocabulary(self.metadata_index.names, words),
            calibration=calibration, weight=weight, pictures=pictures,
            backgrounds=BackgroundEstimator(relevance, sample),
        )  # fmt: skip
        self._retrieval = CandidateRetrieval(index)
        self._reranker = ShortlistReranker(
            photos, reranker, shortlist=short_list, deadline_ms=fine_deadline_ms,
            second=second, language=language,
        )  # fmt: skip
        model = model_source(relevance, neutral, sample)
        self._judge = None if model is None else RelevanceJudge(model, sample, weight)
        self._fusion: WordFusion | None = None
        if words is not None and self._judge is not None:
            said = DerivedWordSource(words, self.metadata_index)
            self._near_words = NearWords(said, self.metadata_index, is_visual)
            self._fusion = WordFusion(
                said,
                self._encoder,
                index,
                self._retrieval,
                self.metadata_index,
                self._judge,
                is_visual,
            )
        self._pager = ResultPager(photos)
        self._reasons = MatchReasons(photos, speller.knows)
        self._collapsed_pager = CollapsedPager(photos, self.metadata_index)
        self._cache = ResultCache()
        self._index = index
        self._suggestions = SuggestionProvider(self.search, suggested or DEFAULT_WORDS)

    def search(self, query: Query, groups: DuplicateGroups = NO_GROUPS) -> ResultPage:
        """The answer to one query, or the page that its cursor stands for.

        ``groups``: which photos are collapsed where that is asked for. Raises QueryError,
        CursorExpired or NotFound.
        """
        timings = StageTimings()
        if query.cursor is not None:
            name, cached, cursor = self._cache.find(query)
        else:
            ranking = self._rank(query, groups, timings)
            (name, cached), cursor = self._cache.keep(query, ranking), Cursor()
        page = self._page(query.limit, name, cached, cursor, timings)
        if query.cursor is None and page.next is None:
            self._cache.forget(name)
        return page

    def adopt(self, former: SearchEngine, same: Callable[[Labels], Labels]) -> None:
        """Take over the answers of another engine, so that their cursors go on here.

        ``same``: its labels to those of this one, -1 where there is none.
        """
        for name, cached in former._cache.latest(_CARRIED_OVER):
            ranking = cached.grow(former._retrieval.complete)
            moved = relabelled(ranking, same(ranking.every_label()))
            self._cache.adopt(name, replace(cached, ranking=moved))

    def complete_recent(self) -> None:
        """Do ahead what makes ``adopt`` slow: answers that people read are sorted to their end."""
        for _, cached in self._cache.latest(_CARRIED_OVER):
            cached.grow(self._retrieval.complete)

    def warm_up(self) -> None:
        """Read what a first search would have to read."""
        self.metadata_index.names()
        self.search(Query("a photo", words="a photo", limit=1))

    def suggestions(self) -> Suggestions:
        """What could be asked for here. Words are tried a few at each call."""
        words, complete = self._suggestions.words(len(self._index))
        return Suggestions(shortened(self.metadata_index.facets()), words, complete)

    def completions(self, q: str, at: int, language: str = "") -> list[Completion]:
        """What the words before the caret of a box may become, also in a ``language``."""
        index, called = self.metadata_index, translations(language)
        words = self._suggestions.found()
        own = [called[word] for word in words if word in called]
        return complete(q, at, [*own, *words], index.facets(), index.beginning)

    def _rank(self, query: Query, groups: DuplicateGroups, timings: StageTimings) -> Ranking:
        with timings.stage("text"):
            encoded = self._encoder.encode(query)
        with timings.stage("filter"):
            filtered = self._filter(query, encoded)
        if encoded.vector is None:
            assert filtered is not None
            ranking = self._retrieval.browse(encoded, filtered)
        else:
            ranking = self._match(query, encoded, filtered, timings)
            if query.closest and query.beside is not None and not ranking.scope.considered:
                ranking = self._with_nearby(query, ranking, timings)
        ranking = self._arrange(query, ranking, filtered, groups, timings)
        return ranking.with_notes(*self.metadata_index.near_misses(query.filters))

    def _with_nearby(self, query: Query, ranking: Ranking, timings: StageTimings) -> Ranking:
        """The same with what comes closest without the filters in the text, where these let nothing
        through.
        """
        less = replace(query, min_relevance="all", filters=query.beside or Filters(),
                       printed=None, days="")  # fmt: skip
        found = self._match(less, ranking.encoded, self._filter(less, ranking.encoded), timings)
        return replace(ranking, closest=found.first(CLOSEST_COUNT))

    def _filter(self, query: Query, encoded: EncodedQuery) -> FilterResult | None:
        """Photos that the filters let through; None where nothing is filtered."""
        if query.filters != Filters():
            return self.metadata_index.select(query.filters, query.printed)
        if encoded.vector is not None:
            return None
        if encoded.negative is None:
            raise QueryError("Nothing is asked for. Say in q what the photo shows.")
        return self.metadata_index.select(query.filters)

    def _match(
        self,
        query: Query,
        encoded: EncodedQuery,
        filtered: FilterResult | None,
        timings: StageTimings,
    ) -> Ranking:
        """The order by what photos show: the cascade, and where it ends."""
        with timings.stage("coarse"):
            cutoff = None if self._judge is None else self._judge.cutoff(encoded)
            floor = None if cutoff is None else cutoff.score_floor
            scope = self._retrieval.scope(filtered)
            count = self._reranker.candidates_for(query, encoded)
        said = None
        if self._fusion is not None and cutoff is not None:
            with timings.stage("words"):
                said = self._fusion.find(encoded, scope)
                near = self._near_words.notes(
                    encoded.written, encoded.notes, (encoded.language, encoded.spoken)
                )
            encoded = replace(encoded, notes=(*encoded.notes, *near))
        with timings.stage("coarse"):
            if said is not None:
                count = max(count, said.wanted(scope.considered))
            candidates = self._retrieval.retrieve(encoded, scope, count, floor)
        ranking = self._reranker.rerank(query, encoded, candidates, scope, timings)
        if cutoff is None:
            asked = query.min_relevance in {"likely", "maybe"}
            return ranking.with_notes(NO_RELEVANCE_NOTE) if asked else ranking
        with timings.stage("cutoff"):
            cutoff = cutoff.beside_best(ranking.scores.coarse, ranking.scores.fine)
            ranking = with_probabilities(ranking, cutoff)
        if self._fusion is not None and said is not None:
            with timings.stage("words"):
                ranking = self._fusion.fuse(ranking, cutoff, said)
        with timings.stage("cutoff"):
            found = apply_cutoff(ranking, cutoff, query.min_relevance or "maybe")
            wanted = wanted_relevance(query, found)
            if wanted != (query.min_relevance or "maybe"):
                found = apply_cutoff(ranking, cutoff, wanted)
            return with_unsure_note(query, found)

    def _arrange(
        self,
        query: Query,
        ranking: Ranking,
        filtered: FilterResult | None,
        groups: DuplicateGroups,
        timings: StageTimings,
    ) -> Ranking:
        """Sort by date or distance and collapse, where that is asked for.

        Into the best of each group, or, where none is better than another, into the first.
        """
        browses = ranking.encoded.vector is None
        distances = None if filtered is None else filtered.distances
        usual = "newest" if distances is None else "distance"
        sort = query.sort or (usual if browses else "relevance")
        sorts, collapses = browses or sort != "relevance", query.group is not None
        if sorts or collapses:
            with timings.stage("coarse"):
                ranking = self._retrieval.complete(ranking)
        if collapses and not browses:
            with timings.stage("collapse"):
                ranking = collapse(ranking, groups)
        if sorts:
            with timings.stage("sort"):
                listed = filtered or self.metadata_index.of_labels(ranking.scores.labels)
                if sort == "distance" and distances is not None:
                    ranking = sort_by_distance(ranking, listed, distances)
                else:
                    ranking = sort_by_time(ranking, listed, newest=sort != "oldest")
        if collapses and browses:
            with timings.stage("collapse"):
                ranking = collapse(ranking, groups)
        return ranking

    def _page(
        self, limit: int, name: bytes, cached: CachedResult, cursor: Cursor, timings: StageTimings
    ) -> ResultPage:
        ranking, query = cached.ranking, cached.query
        pager = self._pager if ranking.collapse is None else self._collapsed_pager
        with timings.stage("page"):
            found = pager.page(ranking, cursor, limit)
        if found.next is None and not ranking.complete:
            with timings.stage("coarse"):
                ranking = cached.grow(self._retrieval.complete)
            self._cache.weigh(name)
            with timings.stage("page"):
                found = pager.page(ranking, cursor, limit)
        with timings.stage("page"):
            hits = self._reasons.explained(found.hits, query.filters, query.printed)
            closest = self._closest(ranking, query) if query.closest else ()
        relevance, encoded = ranking.relevance, ranking.encoded
        return ResultPage(
            query=query.text,
            searched=encoded.searched,
            hits=hits,
            considered=ranking.scope.considered,
            exact=ranking.exact,
            reranked=ranking.reranked,
            timings_ms=timings.milliseconds(),
            notes=(*query.notes, *ranking.notes, *self._why_nothing(ranking)),
            next=None if found.next is None else cursor_of(name, found.next),
            interpreted=encoded.interpreted,
            likely=None if relevance is None else relevance.likely,
            maybe=None if relevance is None else relevance.maybe,
            closest=closest,
        )

    def _closest(self, ranking: Ranking, query: Query) -> tuple[SearchHit, ...]:
        if ranking.closest is None:
            return ()
        hits = self._pager.page(ranking.closest, Cursor(), CLOSEST_COUNT).hits
        return self._reasons.explained(hits, query.filters)

    def _why_nothing(self, ranking: Ranking) -> tuple[str, ...]:
        if ranking.scope.considered:
            return ()
        return (NO_MATCH_NOTE if len(self._index) else NO_PHOTOS_NOTE,)
