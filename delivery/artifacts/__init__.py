"""The bytes that users install: samples, verification, publishing, static manifests. Never overwrites any."""
