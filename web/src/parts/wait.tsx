import { useEffect, useState } from "preact/hooks";

/** Shown only after a moment: a flash of "loading" is noise. */
export function Wait({ what }: { what: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 250);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="wait" role="status">
      {shown && (
        <>
          <i aria-hidden="true">
            <b />
            <b />
            <b />
          </i>
          <span>{what}</span>
        </>
      )}
    </div>
  );
}
