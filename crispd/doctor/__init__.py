"""``crispd doctor``: what could be wrong with this house, and what to do about it.

Reads only; may run beside a service. Each check gives findings, none raises.
"""
