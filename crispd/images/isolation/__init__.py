"""Decoding within limits: headers are checked first, risky files get a process of their own."""
