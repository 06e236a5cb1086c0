"""Keys for the laptop only: public, and worth nothing (README.md)."""
