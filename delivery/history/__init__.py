"""What the facts were at any commit, and who wrote which line. Reads git, never writes it."""
