"""From the queue of events to PostgreSQL: what installations told us, counted once each.

One run: `handler` is where Lambda finds it -> `consume` reads each message by its `shape`, and sends back alone what
cannot be taken -> `store` writes the rest in one statement -> `days` sees to the partitions. `migrate` brings the
database to the tables in `schema/`; `connect` signs in, on RDS by IAM; `settings` is what the function must be told.
"""
