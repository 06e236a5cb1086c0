"""Telling the world, once, that a version is live for everyone. Decides neither what is due nor what is said."""
