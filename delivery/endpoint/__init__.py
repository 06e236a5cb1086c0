"""What installations talk to. Holds neither YAML nor pydantic nor Pulumi: it starts fast and fits in a zip."""
