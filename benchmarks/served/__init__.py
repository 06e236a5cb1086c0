"""Servers that answer update checks, each started with one worker, and the load that is put on them."""
