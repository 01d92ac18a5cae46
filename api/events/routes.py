from collections.abc import AsyncIterator

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.auth.access import SignedIn
from api.deps import ServicesDep

router = APIRouter(tags=["events"])

PING_S = 15.0  # seconds; also how soon a stream notices that its session has ended


@router.get("/events", response_class=EventSourceResponse)
async def stream_events(me: SignedIn, services: ServicesDep, request: Request) -> AsyncIterator[ServerSentEvent]:
    """`submission`: a submission as it now is. `removed`: its id. `review`: the id of a review of your own that went
    on, and the number of its last act. `ping`: the stream has begun, or nothing happened for a while."""
    async for change in services.feed.listen(me, ping_s=PING_S):
        if change is not None:
            yield ServerSentEvent(event=change.event, raw_data=change.data(me))
            continue
        if await to_thread.run_sync(services.sessions.person_of, request.cookies) is None:
            return
        yield ServerSentEvent(event="ping", raw_data="{}", retry=2000)
