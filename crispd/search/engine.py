"""The engine: a question, an order of the library, and pages of photos out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.search.asking import Asker
from crispd.search.catalogue.catalogue import Catalogue
from crispd.search.ending import CLOSEST, NO_RELEVANCE_NOTE, end
from crispd.search.folding import COPIES_ALONE, Alike, FoldedShower, fold
from crispd.search.members import Members, distinct
from crispd.search.pages import Pages, Position, cursor_of
from crispd.search.ranking import FINE_CHUNK, Ranker, by_time
from crispd.search.relevance import LibrarySample
from crispd.search.showing import Shower
from crispd.search.spelling import Speller
from crispd.search.suggesting import WORDS, Suggester
from crispd.search.timings import Timings
from crispd.search.unwanted import Backgrounds
from crispd.search.verdicts import Judge
from crispd.types import Filters, Note, SearchAnswer, Suggestions

if TYPE_CHECKING:
    from crispd.search.catalogue.catalogue import Listed
    from crispd.search.pages import Kept
    from crispd.search.ranking import Ranking
    from crispd.types import (
        Calibration,
        CoarseIndex,
        ListingSource,
        PhotoReader,
        PictureModel,
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
        listings: ListingSource,
        *,
        speller: Speller | None = None,
        relevance: RelevanceModel | None = None,
        pictures: PictureModel,
        short_list: int | None = None,
        fine_deadline_ms: float = 250.0,
        suggested: tuple[str, ...] = (),
    ) -> None:
        self.catalogue = Catalogue(listings)
        sample = LibrarySample(index)
        weight = 0.0 if reranker is None else reranker.coarse_weight
        self._asker = Asker(
            text, index, photos, speller or Speller({}), self.catalogue.names,
            calibration=calibration, weight=weight, pictures=pictures,
            backgrounds=Backgrounds(relevance, sample),
        )  # fmt: skip
        self._ranker = Ranker(
            index, photos, reranker, short_list=short_list, fine_deadline_ms=fine_deadline_ms,
        )  # fmt: skip
        self._judge = None if relevance is None else Judge(relevance, sample, weight)
        self._shower = Shower(photos)
        self._folded = FoldedShower(photos, self.catalogue)
        self._pages = Pages()
        self._contents = index
        self._suggester = Suggester(self.search, suggested or WORDS)

    def search(self, query: Query, alike: Alike = COPIES_ALONE) -> SearchAnswer:
        """The answer to one query, or the page that its cursor stands for. ``alike``: which photos
        are folded where that is asked for.

        Raises QueryError, CursorExpired or NotFound.
        """
        timings = Timings()
        if query.cursor is not None:
            name, kept, position = self._pages.find(query)
        else:
            ranking = self._ranking(query, timings, alike)
            (name, kept), position = self._pages.keep(query, ranking), Position()
        answer = self._answer(query.limit, name, kept, position, timings)
        if query.cursor is None and answer.next is None:
            self._pages.forget(name)
        return answer

    def suggestions(self) -> Suggestions:
        """What could be asked for here. Words are tried a few at each call (see Suggester)."""
        words, complete = self._suggester.words(len(self._contents))
        return Suggestions(self.catalogue.facets(), words, complete)

    def _ranking(self, query: Query, timings: Timings, alike: Alike) -> Ranking:
        with timings.stage("text"):
            question = self._asker.ask(query)
        with timings.stage("filter"):
            listed = self._listed(query)
        if question.vector is None:
            if listed is None and question.without is None:
                raise QueryError("Nothing is asked for. Say in q what the photo shows.")
            listed = self.catalogue.select(query.filters) if listed is None else listed
            ranking = self._ranker.browse(question, listed)
        else:
            with timings.stage("coarse"):
                verdict = None if self._judge is None else self._judge.verdict(question)
                reach = None if verdict is None else verdict.reach
                allowed = None if listed is None else distinct(listed.labels)
                rows = None if listed is None else Members(listed.rows)
                near = self._ranker.coarse(query, question, allowed, reach)
            with timings.stage("fine"):
                ranking = self._ranker.rank(query, question, near, rows, allowed)
            with timings.stage("coarse"):
                if verdict is not None:
                    end(ranking, verdict, query.min_relevance or "maybe")
                elif query.min_relevance in {"likely", "maybe"}:
                    ranking.notes += (NO_RELEVANCE_NOTE,)
        with timings.stage("filter"):
            self._arrange(query, ranking, listed, alike)
        return ranking

    def _closest(self, ranking: Ranking) -> tuple[SearchHit, ...]:
        if ranking.closest is None:
            return ()
        return self._shower.page(ranking.closest, Position(), CLOSEST).hits

    def _why_nothing(self, ranking: Ranking) -> tuple[str, ...]:
        if ranking.considered:
            return ()
        return (NO_MATCH_NOTE if len(self._contents) else NO_PHOTOS_NOTE,)

    def _listed(self, query: Query) -> Listed | None:
        return None if query.filters == Filters() else self.catalogue.select(query.filters)

    def _arrange(self, query: Query, ranking: Ranking, listed: Listed | None, alike: Alike) -> None:
        """Sort by date and fold, where that is asked for: into the best, or, where none is better
        than another, into the first.
        """
        browses = ranking.question.vector is None
        sort = query.sort or ("newest" if browses else "relevance")
        sorts = browses or sort != "relevance"
        if sorts or query.group is not None:
            self._ranker.complete(ranking)
        if query.group is not None and not browses:
            fold(ranking, alike)
        if sorts:
            times = self.catalogue.of_labels(ranking.labels) if listed is None else listed
            by_time(ranking, times, newest=sort != "oldest")
        if query.group is not None and browses:
            fold(ranking, alike)

    def _answer(
        self, limit: int, name: bytes, kept: Kept, position: Position, timings: Timings
    ) -> SearchAnswer:
        ranking, query = kept.ranking, kept.query
        shower = self._shower if ranking.folds is None else self._folded
        page = shower.page(ranking, position, limit)
        if page.next is None and not ranking.complete:
            with kept.lock, timings.stage("coarse"):
                self._ranker.complete(ranking)
            self._pages.weigh(name)
            page = shower.page(ranking, position, limit)
        return SearchAnswer(
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
