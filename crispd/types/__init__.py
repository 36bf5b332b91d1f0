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
    Query,
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
from crispd.types.files import (
    EventKind,
    FileEvent,
    FileStamp,
    FoundFile,
    Root,
)
from crispd.types.house import (
    FolderStatus,
    Health,
    ImageBytes,
    IngestProgress,
    OriginalFile,
    ServiceStatus,
    State,
    WatchMode,
)
from crispd.types.photos import (
    METADATA_VERSION,
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
    Taken,
    TakenFrom,
)
from crispd.types.rooms import (
    Calibration,
    CoarseIndex,
    ImageEncoder,
    PhotoReader,
    Reranker,
    TextEncoder,
    VectorSource,
)

__all__ = [
    "METADATA_VERSION",
    "SCOPES",
    "Calibration",
    "CoarseIndex",
    "DecodeLimits",
    "DecodedPhoto",
    "Device",
    "DeviceBook",
    "EncodedPhoto",
    "EncodedText",
    "EventKind",
    "FileEvent",
    "FileStamp",
    "Floats",
    "FolderStatus",
    "FoundFile",
    "Health",
    "ImageBytes",
    "ImageEncoder",
    "ImageInput",
    "IngestProgress",
    "KnownFile",
    "Labels",
    "Neighbours",
    "OriginalFile",
    "PhotoMetadata",
    "PhotoReader",
    "PhotoRecord",
    "PhotoState",
    "Pixels",
    "Place",
    "Precision",
    "Problem",
    "Query",
    "Reranker",
    "Root",
    "RootCounts",
    "Scope",
    "SearchAnswer",
    "SearchHit",
    "ServiceStatus",
    "State",
    "Taken",
    "TakenFrom",
    "TextEncoder",
    "VectorSource",
    "WatchMode",
    "displayable",
]
