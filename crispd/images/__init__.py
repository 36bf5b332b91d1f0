"""Pictures: which files are candidates, reading them, decoding within limits, thumbnails.

The only room that knows Pillow. What a decoder cannot make sense of becomes a ``PhotoError`` with
a sentence for the person who looks after the photos.
"""
