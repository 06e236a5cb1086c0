"""Carries a reviewed commit out: builds, heads, programs with their inputs, the account they go to. Decides nothing
about users, and leaves resources to `delivery.engines`.
"""
