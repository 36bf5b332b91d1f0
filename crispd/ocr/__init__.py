"""Text in photos: where it stands and what it says, by the ONNX models of PP-OCR.

The models come with the Python package ``rapidocr``, whose code is not used. ``models`` finds them;
``detection`` says where text stands, ``recognition`` what a line says, ``reader`` reads a photo,
``text_reading`` all of them, one by one.

May import images, ingest, packs, store, thumbnails, types, errors and platform.
"""
