"""What files say, by word: a document a photo, indexed by SQLite's FTS5.

``tokens`` makes words of text, the same for documents and for what is looked for; ``documents``
says what of a photo is indexed; ``upkeep`` keeps documents in step with photos; ``word_index``
reads.
"""
