"""The engine: a question, an order of the library, and pages of photos out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.query.spelling import SpellingCorrector
from crispd.search.collapse import NO_GROUPS, CollapsedPager, DuplicateGroups, collapse
from crispd.search.cutoff import CLOSEST_COUNT, NO_RELEVANCE_NOTE, apply_cutoff
from crispd.search.encode import QueryEncoder
from crispd.search.label_set import LabelSet, distinct
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.search.negative import BackgroundEstimator
from crispd.search.ranking import FINE_CHUNK, Reranking, sort_by_time
from crispd.search.relevance.judge import RelevanceJudge
from crispd.search.relevance.probability import LibrarySample
from crispd.search.result_cache import Cursor, ResultCache, cursor_of
from crispd.search.result_pages import ResultPager
from crispd.search.suggestions import DEFAULT_WORDS, SuggestionProvider
from crispd.search.timings import StageTimings
from crispd.types import Filters, Note, SearchResult, Suggestions

if TYPE_CHECKING:
    from crispd.search.metadata_index.metadata_index import FilterResult
    from crispd.search.ranking import Ranking
    from crispd.search.result_cache import CachedResult
    from crispd.types import (
        Calibration,
        CoarseIndex,
        ImageQueryModel,
        MetadataSource,
        PhotoReader,
        Query,
        RelevanceModel,
        Reranker,
        SearchHit,
        TextEncoder,
    )

__all__ = ["FINE_CHUNK", "SearchEngine"]

NO_MATCH_NOTE = Note("No photo of the library fits these filters.", "no_match")
NO_PHOTOS_NOTE = Note("No photos are indexed yet.", "no_photos")


class SearchEngine:
    """Answers queries. Thread-safe where its collaborators are.

    ``short_list``: K, None for what the pack was tuned to. ``fine_deadline_ms``: how long the fine
    stage may take, reading its tokens included; candidates it did not reach keep their coarse
    place after the others.
    """

    def __init__(
        self,
        text: TextEncoder,
        index: CoarseIndex,
        photos: PhotoReader,
        reranker: Reranker | None,
        calibration: Calibration,
        listings: MetadataSource,
        *,
        speller: SpellingCorrector | None = None,
        relevance: RelevanceModel | None = None,
        pictures: ImageQueryModel,
        short_list: int | None = None,
        fine_deadline_ms: float = 250.0,
        suggested: tuple[str, ...] = (),
    ) -> None:
        self.catalogue = MetadataIndex(listings)
        sample = LibrarySample(index)
        weight = 0.0 if reranker is None else reranker.coarse_weight
        self._asker = QueryEncoder(
            text, index, photos, speller or SpellingCorrector({}), self.catalogue.names,
            calibration=calibration, weight=weight, pictures=pictures,
            backgrounds=BackgroundEstimator(relevance, sample),
        )  # fmt: skip
        self._ranker = Reranking(
            index, photos, reranker, short_list=short_list, fine_deadline_ms=fine_deadline_ms,
        )  # fmt: skip
        self._judge = None if relevance is None else RelevanceJudge(relevance, sample, weight)
        self._shower = ResultPager(photos)
        self._folded = CollapsedPager(photos, self.catalogue)
        self._pages = ResultCache()
        self._contents = index
        self._suggester = SuggestionProvider(self.search, suggested or DEFAULT_WORDS)

    def search(self, query: Query, alike: DuplicateGroups = NO_GROUPS) -> SearchResult:
        """The answer to one query, or the page that its cursor stands for. ``alike``: which photos
        are folded where that is asked for.

        Raises QueryError, CursorExpired or NotFound.
        """
        timings = StageTimings()
        if query.cursor is not None:
            name, kept, position = self._pages.find(query)
        else:
            ranking = self._ranking(query, timings, alike)
            (name, kept), position = self._pages.keep(query, ranking), Cursor()
        answer = self._answer(query.limit, name, kept, position, timings)
        if query.cursor is None and answer.next is None:
            self._pages.forget(name)
        return answer

    def suggestions(self) -> Suggestions:
        """What could be asked for here. Words are tried a few at each call (see Suggester)."""
        words, complete = self._suggester.words(len(self._contents))
        return Suggestions(self.catalogue.facets(), words, complete)

    def _ranking(self, query: Query, timings: StageTimings, alike: DuplicateGroups) -> Ranking:
        with timings.stage("text"):
            question = self._asker.encode(query)
        with timings.stage("filter"):
            listed = self._listed(query)
        if question.vector is None:
            if listed is None and question.without is None:
                raise QueryError("Nothing is asked for. Say in q what the photo shows.")
            listed = self.catalogue.select(query.filters) if listed is None else listed
            ranking = self._ranker.browse(question, listed)
        else:
            with timings.stage("coarse"):
                verdict = None if self._judge is None else self._judge.cutoff(question)
                score_floor = None if verdict is None else verdict.score_floor
                allowed = None if listed is None else distinct(listed.labels)
                rows = None if listed is None else LabelSet(listed.rows)
                near = self._ranker.coarse(query, question, allowed, score_floor)
            with timings.stage("fine"):
                ranking = self._ranker.rank(query, question, near, rows, allowed)
            with timings.stage("coarse"):
                if verdict is not None:
                    apply_cutoff(ranking, verdict, query.min_relevance or "maybe")
                elif query.min_relevance in {"likely", "maybe"}:
                    ranking.notes += (NO_RELEVANCE_NOTE,)
        with timings.stage("filter"):
            self._arrange(query, ranking, listed, alike)
        return ranking

    def _closest(self, ranking: Ranking) -> tuple[SearchHit, ...]:
        if ranking.closest is None:
            return ()
        return self._shower.page(ranking.closest, Cursor(), CLOSEST_COUNT).hits

    def _why_nothing(self, ranking: Ranking) -> tuple[str, ...]:
        if ranking.considered:
            return ()
        return (NO_MATCH_NOTE if len(self._contents) else NO_PHOTOS_NOTE,)

    def _listed(self, query: Query) -> FilterResult | None:
        return None if query.filters == Filters() else self.catalogue.select(query.filters)

    def _arrange(
        self, query: Query, ranking: Ranking, listed: FilterResult | None, alike: DuplicateGroups
    ) -> None:
        """Sort by date and fold, where that is asked for: into the best, or, where none is better
        than another, into the first.
        """
        browses = ranking.question.vector is None
        sort = query.sort or ("newest" if browses else "relevance")
        sorts = browses or sort != "relevance"
        if sorts or query.group is not None:
            self._ranker.complete(ranking)
        if query.group is not None and not browses:
            collapse(ranking, alike)
        if sorts:
            times = self.catalogue.of_labels(ranking.labels) if listed is None else listed
            sort_by_time(ranking, times, newest=sort != "oldest")
        if query.group is not None and browses:
            collapse(ranking, alike)

    def _answer(
        self, limit: int, name: bytes, kept: CachedResult, position: Cursor, timings: StageTimings
    ) -> SearchResult:
        ranking, query = kept.ranking, kept.query
        shower = self._shower if ranking.collapse is None else self._folded
        page = shower.page(ranking, position, limit)
        if page.next is None and not ranking.complete:
            with kept.lock, timings.stage("coarse"):
                self._ranker.complete(ranking)
            self._pages.weigh(name)
            page = shower.page(ranking, position, limit)
        return SearchResult(
            query=query.text,
            searched=ranking.question.searched,
            hits=page.hits,
            considered=ranking.considered,
            exact=ranking.exact,
            reranked=ranking.reranked,
            timings_ms=timings.milliseconds(),
            notes=(*query.notes, *ranking.notes, *self._why_nothing(ranking)),
            next=None if page.next is None else cursor_of(name, page.next),
            interpreted=ranking.question.interpreted,
            likely=ranking.likely,
            maybe=ranking.maybe,
            closest=self._closest(ranking),
        )
