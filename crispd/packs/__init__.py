"""Model packs: manifest, files, and the ONNX models that run them.

The only room that uses onnxruntime and tokenizers. ``docs/packs.md`` describes the format. Imports
nothing of crispd but types, errors and platform.
"""
