"""Programs that stand in for ESpice installations."""
