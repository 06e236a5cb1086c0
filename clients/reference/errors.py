# ruff: noqa: N818 - these are the plugin's names
"""What can go wrong, by the names that the plugin has for it. Holds no behaviour."""


class UpdaterError(Exception):
    """Anything that ends a check, a download or an install."""


class EmptyEndpoints(UpdaterError):
    """The app names no endpoint."""


class ReleaseNotFound(UpdaterError):
    """No endpoint gave a release, and none failed in a way worth telling."""


class Reqwest(UpdaterError):
    """The network failed, or a 2xx answer was not JSON at all."""


class Serialization(UpdaterError):
    """JSON, but not the schema of a release."""


class TargetNotFound(UpdaterError):
    """The manifest has no entry for the target that the app asked for by name."""


class TargetsNotFound(UpdaterError):
    """The manifest has no entry for this platform."""


class Network(UpdaterError):
    """The download was answered with something else than success."""


class Minisign(UpdaterError):
    """The signature is malformed, by another key, or does not fit the bytes."""


class SignedVersion(UpdaterError):
    """The signature was made for another version than the one announced, or names none."""


class Io(UpdaterError):
    """The update could not be put in place; what was there is untouched."""
