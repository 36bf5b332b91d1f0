"""Camera RAW: where the camera put its own JPEG, and what it noted about the photo.

Raw pixels are never decoded. Everything in here works on bytes that may be damaged or hostile: no
offset is believed, every loop has an end, and what makes no sense is passed over.
"""
