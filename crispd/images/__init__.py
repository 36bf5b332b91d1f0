"""Pictures: recognising formats, decoding within limits, reading metadata, making thumbnails.

The only room that uses Pillow. What a decoder cannot read becomes a ``PhotoError`` with a sentence
for the owner of the photos. Imports nothing of crispd but types, errors and platform.
"""
