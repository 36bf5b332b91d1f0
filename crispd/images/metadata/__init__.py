"""Metadata of a photo: EXIF, IPTC, XMP, PNG texts, and dates in file names."""
