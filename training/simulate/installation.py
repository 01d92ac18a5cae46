"""A running installation, spoken to as a browser does: sign-in links, cookies, JSON, tus uploads."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from model.errors import InputRefused

_TUS = {"Tus-Resumable": "1.0.0"}
_PATIENCE_S = 120.0  # for one answer


class RequestRefused(InputRefused):
    """The service answered that it will not; `status` is the answer's, 0 where none came."""

    def __init__(self, status: int, code: str, fact: str, remedy: str) -> None:
        super().__init__(code, fact, remedy)
        self.status = status


class Installation:
    """One signed-in person at one installation. Every failure is a RequestRefused that says what to do."""

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise RequestRefused(0, "into.url", f"“{url}” is not an address.", "Say it as http://127.0.0.1:8000.")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        health = self.get("/api/health")
        if "version" not in health:
            raise self._not_lookfors()

    def _not_lookfors(self) -> RequestRefused:
        return RequestRefused(0, "into.other", f"{self.url} does not answer as Lookfors does.", "Check the address.")

    def sign_in(self, link: str) -> dict[str, Any]:
        """Spends a one-time link, or the secret in it, and answers who that is."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
        token = query.get("token", [link.strip()])[0]
        signed_in: dict[str, Any] = self.post("/api/session", {"token": token})
        return signed_in

    def get(self, path: str, **query: str | int) -> Any:
        suffix = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self._json("GET", path + suffix)

    def post(self, path: str, body: object = None) -> Any:
        return self._json("POST", path, body)

    def patch(self, path: str, body: object) -> Any:
        return self._json("PATCH", path, body)

    def upload(self, content: bytes, filename: str) -> str:
        """The id of a finished upload."""
        name = base64.b64encode(filename.encode()).decode()
        made, _ = self._send(
            "POST",
            "/api/uploads",
            b"",
            {**_TUS, "Upload-Length": str(len(content)), "Upload-Metadata": f"filename {name}"},
        )
        location = str(made["Location"])
        headers = {**_TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self._send("PATCH", location, content, headers)
        return location.rsplit("/", 1)[-1]

    def _json(self, method: str, path: str, body: object = None) -> Any:
        data = None if method == "GET" else json.dumps(body).encode()
        _, answer = self._send(method, path, data, {"Content-Type": "application/json"})
        try:
            return json.loads(answer) if answer else {}
        except ValueError:
            raise self._not_lookfors() from None

    def _send(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[Any, bytes]:
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with self._opener.open(request, timeout=_PATIENCE_S) as answer:
                return answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            raise self._refused(error.code, error.read(), path) from None
        except (urllib.error.URLError, OSError) as error:
            why = getattr(error, "reason", error)
            raise RequestRefused(
                0, "into.unreachable", f"Nothing answers at {self.url} ({why}).", "Start it, or correct the address."
            ) from None

    def _refused(self, status: int, body: bytes, path: str) -> RequestRefused:
        try:
            problem = json.loads(body)
            code, detail, remedy = str(problem["code"]), str(problem["detail"]), str(problem["remedy"])
        except (ValueError, KeyError, TypeError):
            code, detail, remedy = "into.answer", f"{self.url}{path} answered {status}.", "Check the address."
        return RequestRefused(status, code, detail, remedy)
