"""What a photo says of itself: EXIF, IPTC, XMP, texts in PNG, dates in file names."""
