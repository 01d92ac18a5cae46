import { useEffect, useState } from "preact/hooks";
import { sessionLost } from "../api/client.ts";
import { connection, tryNow } from "../api/events.ts";
import { Icon } from "../parts/icon.tsx";

const PATIENCE_MS = 3_000; // a hiccup shorter than this is not worth a word

/** One line under the bar while what is shown may be out of date, with the way out of it. */
export function Banner() {
  const { state, retryAt } = connection.value;
  const waiting = state === "waiting";
  const [late, setLate] = useState(false);
  const [now, setNow] = useState(Date.now());

  useEffect(() => {
    if (!waiting) {
      setLate(false);
      return;
    }
    const patience = setTimeout(() => setLate(true), PATIENCE_MS);
    const tick = setInterval(() => setNow(Date.now()), 1_000);
    return () => {
      clearTimeout(patience);
      clearInterval(tick);
    };
  }, [waiting]);

  if (sessionLost.value)
    return (
      <div class="banner" role="alert">
        <Icon name="warn" />
        <span>
          <strong>You have been signed out.</strong> Open your sign-in link in another tab, then come back
          here; this page stays as it is.
        </span>
        <button type="button" class="button small" onClick={() => window.location.reload()}>
          I am signed in again
        </button>
      </div>
    );
  if (!waiting || !late) return null;
  const seconds = retryAt == null ? 0 : Math.max(0, Math.round((retryAt - now) / 1000));
  return (
    <div class="banner" role="status">
      <Icon name="warn" />
      <span>
        <strong>No connection to Lookfors.</strong> What you see may be out of date.{" "}
        <span aria-hidden="true">{seconds > 0 ? `Trying again in ${seconds} s.` : "Trying now…"}</span>
      </span>
      <button type="button" class="button small" onClick={tryNow}>
        Try now
      </button>
    </div>
  );
}
