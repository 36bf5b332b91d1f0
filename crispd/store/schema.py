"""The tables. Migrations bring a database to this shape; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

roots = Table(
    "roots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", LargeBinary, nullable=False, unique=True),
    Column("added_at", Text, nullable=False),
    # 0: the settings name it no more. Its photos are kept and seen nowhere until they do.
    Column("watched", Integer, nullable=False, server_default="1"),
)

# What the bytes of a photo say, whatever its path: a copy or a rename needs no decoding.
contents = Table(
    "contents",
    metadata,
    Column("content_hash", Text, primary_key=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("taken_at", Text),
    Column("camera", Text),
    Column("taken_from", Text),
    Column("lens", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("altitude", Float),
    Column("rating", Integer),
    Column("keywords", Text),  # a JSON list
    Column("metadata_version", Integer, nullable=False, server_default="0"),
    Column("taken_precision", Text),  # as both of these, NULL: to the second, an original
    Column("taken_kind", Text),
    Column("title", Text),
    Column("description", Text),
    Column("people", Text),  # a JSON list
    Column("location", Text),  # a JSON list: city, region, country, place within the city
    Column("keyword_paths", Text),  # a JSON list: keywords of a tree below their parents
    Column("colourfulness", Integer),  # 0, grey, to 255; NULL: before it was looked at
)

# One row a path. Paths are bytes: names need not be UTF-8.
photos = Table(
    "photos",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", Text, unique=True),
    Column("root_id", Integer, ForeignKey("roots.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("content_hash", Text, ForeignKey("contents.content_hash")),
    Column("state", Text, nullable=False),
    Column("reason_code", Text),
    Column("reason", Text),
    Column("updated_at", Text, nullable=False),
    # What the content says, else the name of the file, else its time.
    Column("taken_at", Text),
    Column("taken_from", Text),
    Column("taken_precision", Text),
    # Of what is read of a path: its name, and XMP files beside it.
    Column("metadata_version", Integer, nullable=False, server_default="0"),
    Column("sidecar", Integer, nullable=False, server_default="0"),  # their stamp
    # What they say, in place of what the content says.
    Column("latitude", Float),
    Column("longitude", Float),
    Column("altitude", Float),
    Column("rating", Integer),
    Column("keywords", Text),  # a JSON list, with those of the content
    # More of the file's stamp; NULL: not known yet, or not kept by its file system.
    Column("ctime_ns", Integer),
    Column("inode", Integer),
    # What XMP files beside it say, as in ``contents``; lists with those of the content.
    Column("title", Text),
    Column("description", Text),
    Column("people", Text),
    Column("location", Text),
    Column("keyword_paths", Text),
    UniqueConstraint("root_id", "path", name="photos_root_path"),
    CheckConstraint("state IN ('ready', 'failed')", name="photos_state"),
    Index("photos_content_hash", "content_hash"),
    Index("photos_state_root", "state", "root_id"),
    sqlite_autoincrement=True,
)

# What RAWs say of themselves that a picture stands for, so that no scan has to read them again.
paired_raws = Table(
    "paired_raws",
    metadata,
    Column("root_id", Integer, ForeignKey("roots.id"), primary_key=True),
    Column("path", LargeBinary, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("taken_at", Text),
    Column("camera", Text),
)

# One row a content and pack. The id is the HNSW label and never used again, hence AUTOINCREMENT.
embeddings = Table(
    "embeddings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("content_hash", Text, ForeignKey("contents.content_hash"), nullable=False),
    Column("pack", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("content_hash", "pack", name="embeddings_content_pack"),
    sqlite_autoincrement=True,
)

# Apart from the vectors, so that going through all vectors reads nothing else.
tokens = Table(
    "tokens",
    metadata,
    Column("embedding_id", Integer, ForeignKey("embeddings.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

# What the file of each searchable photo says, as words: what FTS5's ``word_index`` and
# ``part_index`` are of (migration m009), which SQLAlchemy does not know.
WORD_FIELDS = (
    "name",
    "folder",
    "title",
    "description",
    "keyword",
    "person",
    "place",
    "camera",
    "text",
)
PART_FIELDS = ("name", "folder", "title", "keyword", "person", "place")
photo_words = Table(
    "photo_words",
    metadata,
    Column("photo_id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in WORD_FIELDS),
    Column("place_names", Text),  # as ``location``, with what its position tells
    Index("photo_words_text", "photo_id", sqlite_where=text("text <> ''")),
)

# Words of the field ``text``, each once: see ``words/misread.py``.
text_vocabulary = Table(
    "text_vocabulary",
    metadata,
    Column("shape", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("backwards", Text, nullable=False),
    Index("text_vocabulary_backwards", "backwards", "word", "shape"),
    sqlite_with_rowid=False,
)

# What was read in a photo, whatever its path, by whom: lines as ``packed_lines`` makes them. A
# ``reason`` says why not all was read.
content_text = Table(
    "content_text",
    metadata,
    Column("content_hash", Text, primary_key=True),
    Column("reader", Text, nullable=False),
    Column("lines", LargeBinary, nullable=False),
    Column("reason", Text),
    Column("failed_at", Text),
    Index("content_text_failed", "failed_at", sqlite_where=text("failed_at IS NOT NULL")),
)

# Which photos changed, in order, noted by triggers whatever statement it was: for the metadata
# index.
changes = Table(
    "changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("photo_id", Integer, nullable=False),
    sqlite_autoincrement=True,
)

# Contents in the order in which they came up in shortlists, for the pack of the setting
# ``fine_pack``: it sees these and no others. Which words brought them up is kept nowhere.
shortlisted = Table(
    "shortlisted",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("content_hash", Text, nullable=False, unique=True),
)

# Who may ask. Only hashes: what lies here opens nothing.
devices = Table(
    "devices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),  # with spaces between them
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("last_used", Text),
)
