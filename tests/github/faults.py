"""What can go wrong with the stand-in, once it is told to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` requests whose method and path these are in.

    `slow_s` is waited and `meanwhile` done first. Then they are answered by `status`: instead of being carried out, or
    with `done` after they were, so that only the right answer is lost. None: by the right answer, or
    by the first `cut` bytes of it before the connection ends.
    """

    status: int | None = None
    words: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    path: str = ""
    times: int = 1
    done: bool = False
    slow_s: float = 0.0
    cut: int | None = None
    meanwhile: Callable[[], object] = int

    def meets(self, method: str, path: str) -> bool:
        """Whether this request is one of them; then it is one less."""
        if not self.times or self.method not in ("", method) or self.path not in path:
            return False
        self.times -= 1
        return True


def secondary_limit(after_s: int, times: int = 1) -> Fault:
    """GitHub's brake on those who ask too much at once."""
    words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Fault(403, words, {"Retry-After": str(after_s)}, times=times)


def used_up(reset: int, times: int = 1) -> Fault:
    """No requests are left until this moment, in seconds since 1970."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    return Fault(403, "API rate limit exceeded for user ID 1.", headers, times=times)
