"""What installations report, on its way from the queue into the database, and how all of it can be brought back."""
