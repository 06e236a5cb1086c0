"""A change on its way to main: proposed, read with what it does to users, approved, merged. Decides no rule itself."""
