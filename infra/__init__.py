"""The Pulumi program: three stacks an environment, `<env>-ground`, `<env>` (platform) and `<env>-live`."""
