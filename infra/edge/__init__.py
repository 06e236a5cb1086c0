"""What Cloudflare does for the zone: a module for each thing that it does to requests, and `zone`, which registers all.

Every expression is one that a Pro zone may use: hosts and paths in rate limits, no regular expressions.
"""
