"""Values and Protocols that pass between rooms. Imports nothing of ours.

A frozen dataclass is named for what is known at that point of the way: a ``FileEvent`` knows a
path, a ``FileStamp`` what the file system says, a ``DecodedPhoto`` its pixels, an ``EncodedPhoto``
its vectors, a ``PhotoRecord`` what SQLite holds.

Paths inside a root are ``str`` as Python's ``os`` gives them: names that are not UTF-8 carry
surrogate escapes. They are stored as bytes (``os.fsencode``) and shown with ``displayable``.
"""

from __future__ import annotations

from crispd.types.access import SCOPES, Device, DeviceStore, Scope
from crispd.types.arrays import (
    Floats,
    Labels,
    Pixels,
    Precision,
    displayable,
)
from crispd.types.display import json_printable, printable
from crispd.types.files import (
    EventKind,
    FileEvent,
    FileStamp,
    FoundFile,
    Root,
)
from crispd.types.image_query import ImageQueryModel
from crispd.types.latest_date import latest_date
from crispd.types.metadata_rows import MetadataChanges, MetadataRow
from crispd.types.notes import Note, code_of
from crispd.types.photo import (
    METADATA_VERSION,
    CaptureKey,
    CaptureTime,
    CaptureTimeSource,
    DateKind,
    DatePrecision,
    DecodedPhoto,
    DecodeLimits,
    EncodedPhoto,
    EncodedText,
    GeoPosition,
    ImageInput,
    IndexingProblem,
    KnownFile,
    PhotoMetadata,
    PhotoRecord,
    PhotoState,
    PlaceNames,
    RootCounts,
    Sidecar,
    Thumbnail,
    most_reliable,
)
from crispd.types.protocols import (
    Calibration,
    CoarseIndex,
    ImageEncoder,
    MetadataSource,
    PhotoReader,
    Reranker,
    TextEncoder,
    VectorSource,
)
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
from crispd.types.results import (
    Candidates,
    DuplicateGroup,
    DuplicatePage,
    Facets,
    RelevanceName,
    ResultPage,
    ScoreFloor,
    SearchHit,
    Suggestions,
    ValueCount,
)
from crispd.types.status import (
    CacheStats,
    FolderStatus,
    HealthReport,
    ImageBytes,
    IngestProgress,
    OriginalFile,
    PictureType,
    Rendition,
    ServiceStatus,
    State,
    WatchMode,
)

__all__ = [
    "METADATA_VERSION",
    "SCOPES",
    "CacheStats",
    "Calibration",
    "Candidates",
    "CaptureKey",
    "CaptureTime",
    "CaptureTimeSource",
    "CoarseIndex",
    "DateKind",
    "DatePrecision",
    "DecodeLimits",
    "DecodedPhoto",
    "Device",
    "DeviceStore",
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
    "GeoPosition",
    "Group",
    "HealthReport",
    "ImageBytes",
    "ImageEncoder",
    "ImageInput",
    "ImageQueryModel",
    "IndexingProblem",
    "IngestProgress",
    "Interpretation",
    "KnownFile",
    "Labels",
    "LogitWeights",
    "MetadataChanges",
    "MetadataRow",
    "MetadataSource",
    "MinRelevance",
    "Near",
    "Note",
    "OriginalFile",
    "PhotoMetadata",
    "PhotoReader",
    "PhotoRecord",
    "PhotoState",
    "PictureType",
    "Pixels",
    "PlaceNames",
    "Precision",
    "Query",
    "RelevanceModel",
    "RelevanceName",
    "Rendition",
    "Reranker",
    "ResultPage",
    "Root",
    "RootCounts",
    "Scope",
    "ScoreFloor",
    "SearchHit",
    "ServiceStatus",
    "Sidecar",
    "Sort",
    "State",
    "Suggestions",
    "TextEncoder",
    "Thumbnail",
    "ValueCount",
    "VectorSource",
    "WatchMode",
    "code_of",
    "displayable",
    "json_printable",
    "latest_date",
    "most_reliable",
    "printable",
]
