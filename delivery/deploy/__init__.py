"""Carries a reviewed commit out: builds, engines, steps. Decides nothing about users."""
