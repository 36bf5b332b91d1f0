"""Values and Protocols that pass between rooms. Imports nothing of ours.

A frozen dataclass is named for what is known at that point of the way: a ``FileEvent`` knows a
path, a ``FileStamp`` what the file system says, a ``DecodedPhoto`` its pixels, an ``EncodedPhoto``
its vectors, a ``PhotoRecord`` what SQLite holds.

Paths inside a root are ``str`` as Python's ``os`` gives them: names that are not UTF-8 carry
surrogate escapes. They are stored as bytes (``os.fsencode``) and shown with ``displayable``.
"""

from __future__ import annotations

from crispd.types.access import (
    SCOPES,
    Device,
    DeviceBook,
    Scope,
)
from crispd.types.answers import (
    Neighbours,
    Reach,
    RelevanceName,
    SearchAnswer,
    SearchHit,
)
from crispd.types.arrays import (
    Floats,
    Labels,
    Pixels,
    Precision,
    displayable,
)
from crispd.types.clock import latest_date
from crispd.types.duplicates import DuplicateGroup, DuplicatePage
from crispd.types.files import (
    EventKind,
    FileEvent,
    FileStamp,
    FoundFile,
    Root,
)
from crispd.types.house import (
    CacheUse,
    FolderStatus,
    Health,
    ImageBytes,
    IngestProgress,
    OriginalFile,
    PictureType,
    Rendition,
    ServiceStatus,
    State,
    WatchMode,
)
from crispd.types.listing import (
    Changes,
    Listing,
)
from crispd.types.notes import Note, code_of
from crispd.types.photos import (
    METADATA_VERSION,
    Capture,
    DateKind,
    DatePrecision,
    DecodedPhoto,
    DecodeLimits,
    EncodedPhoto,
    EncodedText,
    ImageInput,
    KnownFile,
    PhotoMetadata,
    PhotoRecord,
    PhotoState,
    Place,
    Problem,
    RootCounts,
    Sidecar,
    Taken,
    TakenFrom,
    Thumbnail,
    surest,
)
from crispd.types.pictures import PictureModel
from crispd.types.plain import json_plain, plain
from crispd.types.query import (
    Filters,
    Group,
    Interpretation,
    MinRelevance,
    Near,
    Query,
    Sort,
)
from crispd.types.relevance import (
    LogitWeights,
    RelevanceModel,
)
from crispd.types.rooms import (
    Calibration,
    CoarseIndex,
    ImageEncoder,
    ListingSource,
    PhotoReader,
    Reranker,
    TextEncoder,
    VectorSource,
)
from crispd.types.suggestions import (
    Counted,
    Facets,
    Suggestions,
)

__all__ = [
    "METADATA_VERSION",
    "SCOPES",
    "CacheUse",
    "Calibration",
    "Capture",
    "Changes",
    "CoarseIndex",
    "Counted",
    "DateKind",
    "DatePrecision",
    "DecodeLimits",
    "DecodedPhoto",
    "Device",
    "DeviceBook",
    "DuplicateGroup",
    "DuplicatePage",
    "EncodedPhoto",
    "EncodedText",
    "EventKind",
    "Facets",
    "FileEvent",
    "FileStamp",
    "Filters",
    "Floats",
    "FolderStatus",
    "FoundFile",
    "Group",
    "Health",
    "ImageBytes",
    "ImageEncoder",
    "ImageInput",
    "IngestProgress",
    "Interpretation",
    "KnownFile",
    "Labels",
    "Listing",
    "ListingSource",
    "LogitWeights",
    "MinRelevance",
    "Near",
    "Neighbours",
    "Note",
    "OriginalFile",
    "PhotoMetadata",
    "PhotoReader",
    "PhotoRecord",
    "PhotoState",
    "PictureModel",
    "PictureType",
    "Pixels",
    "Place",
    "Precision",
    "Problem",
    "Query",
    "Reach",
    "RelevanceModel",
    "RelevanceName",
    "Rendition",
    "Reranker",
    "Root",
    "RootCounts",
    "Scope",
    "SearchAnswer",
    "SearchHit",
    "ServiceStatus",
    "Sidecar",
    "Sort",
    "State",
    "Suggestions",
    "Taken",
    "TakenFrom",
    "TextEncoder",
    "Thumbnail",
    "VectorSource",
    "WatchMode",
    "code_of",
    "displayable",
    "json_plain",
    "latest_date",
    "plain",
    "surest",
]
