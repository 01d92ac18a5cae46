"""The built front end: hashed assets for ever, the page itself always asked anew, and every page address answered."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth.access import PUBLIC

NOT_BUILT = """<!doctype html><html lang="en"><title>Lookfors</title><body>
<h1>The pages are not built yet</h1>
<p>The service runs, but its front end is missing. Run <code>make run</code>, which builds it.</p>"""


def pages_router(dist: Path) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    @router.api_route("/{path:path}", methods=["GET", "HEAD"], dependencies=[PUBLIC])
    def page(path: str) -> Response:
        """A file of the build, or for any other address outside /api the one page, which does its own routing."""
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404)
        file = (root / path).resolve()
        if path and file.is_relative_to(root) and file.is_file():
            for_ever = path.startswith("assets/")  # their names carry a hash of what is in them
            caching = "public, max-age=31536000, immutable" if for_ever else "no-cache"
            return FileResponse(file, headers={"cache-control": caching})
        if path.startswith("assets/"):
            raise HTTPException(404)
        if not (root / "index.html").is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        return FileResponse(root / "index.html", headers={"cache-control": "no-cache"})

    return router
