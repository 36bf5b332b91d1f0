"""What programs send to a crispd and get from it: calls, answers, errors, trust, patience.

Imports nothing of the service, and neither waits nor sends: ``crispd.client`` does.
"""
