"""What holds for all tests: hypothesis judges results, never how long a busy machine took for one example."""

from hypothesis import settings

settings.register_profile("espice", deadline=None)
settings.load_profile("espice")
