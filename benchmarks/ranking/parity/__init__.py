"""Packs against the libraries that models were trained with.

``python -m benchmarks.ranking.parity``.

Small models of each family with random weights, exported to ONNX in each layout that is published,
imported by crispd, and compared with ``open_clip`` and ``transformers``: pixels, tokens and
vectors, each by itself. Needs ``requirements.txt`` beside it; nothing is downloaded.
"""
