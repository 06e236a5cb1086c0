"""The clouds of the laptop, as Pulumi resource providers."""
