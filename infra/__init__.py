"""The Pulumi program: two stacks an environment, `<env>` (platform) and `<env>-live` (live)."""
