"""Model packs: their manifest, their files, and what runs them.

The only room that knows onnxruntime and tokenizers. The format is described in ``docs/packs.md``.
"""
