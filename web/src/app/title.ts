import { useEffect } from "preact/hooks";

/** Names the tab and, after a change of page, moves the focus to the new heading so that it is read out. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "Lookfors" ? title : `${title} · Lookfors`;
  }, [title]);
}

export function focusHeading(): void {
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
}
