"""Errors as problem documents (RFC 9457)."""

import logging
from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.errors import STATUSES
from api.storage.objects import ObjectsUnavailable

log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"


def problem(
    *, status: int, title: str, code: str, detail: str, remedy: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(
        {
            "type": f"urn:lookfors:problem:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            "remedy": remedy,
        },
        status_code=status,
        headers=headers,
        media_type=PROBLEM_TYPE,
    )


def _of_domain_error(_: Request, error: Exception) -> JSONResponse:
    for family, status, title in STATUSES:
        if isinstance(error, family):
            return problem(
                status=status,
                title=title,
                code=error.code,
                detail=error.fact,
                remedy=error.remedy,
                headers=getattr(error, "headers", None),
            )
    raise error


def _complaints(error: RequestValidationError) -> Iterator[str]:
    for entry in error.errors():
        where = ".".join(str(part) for part in entry["loc"] if part not in {"body", "query", "path"})
        yield f"{where}: {entry['msg']}" if where else str(entry["msg"])


def _of_invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(
        status=422,
        title="Cannot be used",
        code="request.invalid",
        detail=f"The request does not fit: {'; '.join(_complaints(error))}.",
        remedy="Correct these fields and send it again.",
    )


_HTTP_REMEDIES = {
    404: "Check the address, or go back to the list.",
    405: "Use one of the methods this address allows.",
    413: "Send less at once.",
}


def _of_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(
        status=error.status_code,
        title=str(error.detail),
        code=f"http.{error.status_code}",
        detail={404: "There is nothing at this address."}.get(error.status_code, f"{error.detail}."),
        remedy=_HTTP_REMEDIES.get(error.status_code, "Try again; if it stays, tell whoever runs this service."),
        headers=dict(error.headers) if error.headers else None,
    )


def _of_database(request: Request, error: Exception) -> JSONResponse:
    log.error("the database failed in %s %s", request.method, request.url.path, exc_info=error)
    if "disk is full" in str(error) or "No space left" in str(error):
        return problem(
            status=507,
            title="Storage is full",
            code="storage.full",
            detail="The server's disk is full; this was not kept.",
            remedy="Try again when there is room, or tell whoever runs this service.",
        )
    return problem(
        status=503,
        title="Not available just now",
        code="storage.unavailable",
        detail="The database cannot be reached just now; this was not kept.",
        remedy="Try again in a moment.",
        headers={"Retry-After": "5"},
    )


def _of_objects(request: Request, error: Exception) -> JSONResponse:
    log.error("the object store failed in %s %s", request.method, request.url.path, exc_info=error)
    return problem(
        status=503,
        title="Not available just now",
        code="objects.unavailable",
        detail="The place where videos are kept cannot be reached just now.",
        remedy="Try again in a moment.",
        headers={"Retry-After": "5"},
    )


def _of_our_fault(request: Request, error: Exception) -> JSONResponse:
    log.error("unhandled error in %s %s", request.method, request.url.path, exc_info=error)
    return problem(
        status=500,
        title="Our fault",
        code="internal",
        detail="Something went wrong inside Lookfors.",
        remedy="Try again; if it stays, tell whoever runs this service: the log has the details.",
    )


def install_error_answers(app: FastAPI) -> None:
    for family, _, _ in STATUSES:
        app.add_exception_handler(family, _of_domain_error)
    app.add_exception_handler(RequestValidationError, _of_invalid_request)
    app.add_exception_handler(HTTPException, _of_http_exception)
    app.add_exception_handler(OperationalError, _of_database)
    app.add_exception_handler(ObjectsUnavailable, _of_objects)
    app.add_exception_handler(Exception, _of_our_fault)
