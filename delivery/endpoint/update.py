"""The update check, described. It is answered before Flask's routing (`wsgi`), so nothing registers it there."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from msgspec import Meta

from delivery.endpoint.operations import KEPT, UNAVAILABLE, Operation, Parameter, Reply


@dataclass(frozen=True, slots=True)
class Warned:
    """A block of this update that only warns: the app may show the reason before it installs."""

    block: str
    reason: str


@dataclass(frozen=True, slots=True)
class Update:
    """An update on offer, as Tauri's updater reads it."""

    version: str
    pub_date: Annotated[datetime, Meta(tz=True)]
    url: str
    signature: str
    notes: str
    warnings: tuple[Warned, ...] = ()


_DECIDED = {
    **KEPT,
    "ESpice-Reason": "The rule that decided, in a word; there may be new words at any time.",
}
_FACT = {"ESpice-Fact": "The file and line that decided, where there is one."}

UPDATE_CHECK = Operation(
    path="/v1/update/{channel}/{target}/{arch}/{version}",
    name="update_check",
    summary="Is there an update for this installation",
    description=(
        "What installed apps ask. The answer is a function of the URL and the time: no header and no cookie counts. "
        "Nothing that can be said here is refused: what cannot be understood is offered nothing, and a cohort that is "
        "none counts as not sent."
    ),
    tag="Updates",
    parameters=(
        Parameter("channel", "path", "The channel that this installation follows.", "stable"),
        Parameter(
            "target",
            "path",
            "Tauri's target: an operating system, or with its architecture and bundle, such as linux-x86_64-deb.",
            "linux",
        ),
        Parameter("arch", "path", "Tauri's architecture.", "x86_64"),
        Parameter("version", "path", "The version that is installed.", "1.4.0"),
        Parameter("bundle", "query", "What it was installed from; without it, the target's usual one.", "appimage"),
        Parameter("os", "query", "The version of its operating system; without it, none is assumed.", "10.0.19045"),
        Parameter(
            "cohort",
            "query",
            "A number drawn once at random by the installation. Without one it gets updates when everybody does.",
            "437",
            Annotated[int, Meta(ge=0, le=999)],
        ),
        Parameter("manual", "query", "Somebody asked for updates by hand.", "1", Literal["1", "true"]),
        Parameter("failed", "query", "The version whose install failed here last; it is not offered again.", "1.5.0"),
        Parameter(
            "accepts", "query", "What it can do beyond updating, with commas between them: downgrade.", "downgrade"
        ),
    ),
    answers={
        HTTPStatus.OK: Reply(
            "This update is on offer.",
            Update,
            headers=_DECIDED,
            maybe=_FACT,
            example={
                "version": "1.5.0",
                "pub_date": "2026-11-20T09:00:00Z",
                "url": "https://downloads.espice.app/espice/1.5.0/ESpice_1.5.0_amd64.AppImage",
                "signature": "dW50cnVzdGVkIGNvbW1lbnQ6IHNpZ25hdHVyZQo=",
                "notes": "Transient analysis takes half the time.",
            },
        ),
        HTTPStatus.NO_CONTENT: Reply("There is nothing for this installation now.", headers=_DECIDED, maybe=_FACT),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
)
