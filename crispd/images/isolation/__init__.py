"""Decoding within limits: header checks, memory costs, and a separate process for risky files."""
