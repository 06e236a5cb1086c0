"""The whole system on one machine: processes, edge, providers, and the follower of git."""
