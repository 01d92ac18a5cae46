"""Every error a caller can meet, and the one table that decides its status. `api.answers` writes it down.

An error states a stable code, a fact and a remedy; areas derive their own from the families below, and the family
decides the status.
"""

from model.errors import InputRefused, LookforsError


class ApiError(LookforsError):
    """Base of the families; `headers` travel with the answer."""

    def __init__(self, code: str, fact: str, remedy: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{fact} {remedy}")
        self.code = code
        self.fact = fact
        self.remedy = remedy
        self.headers = headers or {}


class NotSignedIn(ApiError):
    """Nobody is signed in, or the session or link is over."""


class NotPermitted(ApiError):
    """The person is known and may not do this."""


class NotFound(ApiError):
    """There is no such thing, or not for this person."""


class Conflict(ApiError):
    """The thing is not in a state that allows this now."""


class Gone(ApiError):
    """The thing was there and has been removed."""


class PreconditionFailed(ApiError):
    """The request speaks another version of a protocol."""


class TooLarge(ApiError):
    """More bytes than the service accepts."""


class UnsupportedMedia(ApiError):
    """The body is of another type than this route takes."""


class Locked(ApiError):
    """Somebody else is writing this just now."""


class StorageFull(ApiError):
    """The disk has no room; the same request may succeed later."""


# Read in order: the first family an error belongs to decides its status and title.
STATUSES: tuple[tuple[type[ApiError] | type[InputRefused], int, str], ...] = (
    (NotSignedIn, 401, "Sign in first"),
    (NotPermitted, 403, "Not permitted"),
    (NotFound, 404, "Not found"),
    (Conflict, 409, "Not possible now"),
    (Gone, 410, "No longer here"),
    (PreconditionFailed, 412, "Unsupported version"),
    (TooLarge, 413, "Too large"),
    (UnsupportedMedia, 415, "Unsupported content"),
    (Locked, 423, "In use"),
    (StorageFull, 507, "Storage is full"),
    (InputRefused, 422, "Cannot be used"),
)
