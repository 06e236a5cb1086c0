"""ESpice Delivery: from a reviewed fact to what users are offered.

The rooms, lowest first; each imports only from those before it (import-linter keeps it so):
rules < present | history < artifacts | endpoint < (infra) < deploy < laptop < commands < tasks.py.
"""
