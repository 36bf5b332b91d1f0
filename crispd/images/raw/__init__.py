"""Camera RAW files: their embedded JPEG and their metadata.

Raw pixels are never decoded. The bytes may be damaged or hostile: every offset is checked, every
loop ends, and what makes no sense is skipped.
"""
