"""Text in photos: where it stands and what it says, by the ONNX models of PP-OCR.

The models come with the Python package ``rapidocr``, whose code is not used. ``models`` finds them;
``detection`` says where text stands, ``recognition`` what a line says, ``reader`` reads a photo.

May import images, packs, types, errors and platform.
"""
