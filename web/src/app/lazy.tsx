import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Wait } from "../parts/wait.tsx";

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

/** A page fetched when it is first opened. */
export function lazy<P extends object>(load: Load<P>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Page, setPage] = useState<ComponentType<P> | null>(() => loaded);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (Page) return;
      load().then(
        (module) => {
          loaded = module.default;
          setPage(() => module.default);
        },
        () => setFailed(true),
      );
    }, [Page]);
    if (failed) return <Missing />;
    return Page ? <Page {...props} /> : <Wait what="Opening…" />;
  };
}

/** A part of the program itself did not arrive: no connection, or a newer version is on the server. */
function Missing() {
  return (
    <section class="plate" role="alert">
      <h1>Part of the page did not arrive</h1>
      <p>
        The connection was lost, or Lookfors was updated while this page was open. Loading it again helps in
        both cases.
      </p>
      <div class="actions">
        <button type="button" class="button strong" onClick={() => window.location.reload()}>
          Load again
        </button>
      </div>
    </section>
  );
}
