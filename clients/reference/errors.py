# ruff: noqa: N818 - these are the plugin's names
"""What can go wrong, by the names that the plugin has for it; its own words are used where it has words of its own."""


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


class Base64(UpdaterError):
    """A key or a signature is not base64 of anything."""


class SignatureUtf8(UpdaterError):
    """A key or a signature is base64 of what is no text."""


class Minisign(UpdaterError):
    """The key or the signature is malformed, the signature is by another key, or does not fit the bytes."""


class SignedVersionMismatch(UpdaterError):
    """The bytes were signed as another version than the one announced."""


class MissingSignedVersion(UpdaterError):
    """The signature names no version, and the app wants one."""


class InvalidUpdaterFormat(UpdaterError):
    """The bytes are not of the kind that this bundle is updated with."""


class Io(UpdaterError):
    """The update could not be put in place; what was there is untouched."""
