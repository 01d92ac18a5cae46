"""What holds for every answer and every changing request, so that no route can forget it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOriginOnly:
    """Refuses changing requests that another site's page makes a browser send.

    `Sec-Fetch-Site` decides where the browser sends it; older browsers send `Origin`. A request with neither is no
    browser's, and carries a cookie only if its sender has it.
    """

    def __init__(self, app: ASGIApp, *, public_url: str | None) -> None:
        self._app = app
        self._public_host = urlsplit(public_url).netloc.lower() if public_url else None

    def _allows(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is None:
            return True
        host = urlsplit(origin).netloc.lower()
        return host != "" and host in {headers.get("host", "").lower(), self._public_host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not self._allows(Headers(scope=scope)):
            answer = problem(
                status=403,
                title="Not permitted",
                code="request.cross_site",
                detail="This request came from another site's page.",
                remedy="Open Lookfors itself and do it there.",
            )
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


class SmallBodies:
    """Refuses, with a sentence, a body whose announced length no page of ours sends. Uploads have their own limit, and
    the framework counts bodies that announce none."""

    def __init__(self, app: ASGIApp, *, n_bytes: int) -> None:
        self._app = app
        self._n_bytes = n_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/api/uploads/"):
            announced = Headers(scope=scope).get("content-length", "0")
            if announced.isdigit() and int(announced) > self._n_bytes:
                answer = problem(
                    status=413,
                    title="Too large",
                    code="request.too_large",
                    detail=f"The request has {announced} bytes; {self._n_bytes} are accepted here.",
                    remedy="Send less at once.",
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def content_security_policy(media_origin: str | None) -> str:
    media = " ".join(filter(None, ("'self'", "blob:", media_origin)))
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",  # web components of the player carry their styles inline
            f"img-src 'self' data: blob: {media_origin or ''}".rstrip(),
            f"media-src {media}",
            f"connect-src 'self' {media_origin or ''}".rstrip(),
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    def __init__(self, app: ASGIApp, *, media_origin: str | None, https: bool) -> None:
        self._app = app
        self._headers = {
            "content-security-policy": content_security_policy(media_origin),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }
        if https:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "private, no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
