import { signal } from "@preact/signals";
import { calm } from "../../app/theme.ts";
import type { Lit } from "./light.ts";

/**
 * Keeps the spoken word in view, and lets go only when the reader scrolls it out of view. `away` says on which
 * side it then lies; scrolling back to it, or the chip, takes hold again.
 */
export type Away = "above" | "below" | null;

const INTENT_MS = 900; // a scroll this soon after a wheel, touch or key is the reader's own
const COMFORT = { top: 0.12, bottom: 0.72, rest: 0.32 }; // shares of the visible height

export interface Follow {
  on: ReturnType<typeof signal<boolean>>;
  away: ReturnType<typeof signal<Away>>;
  keep: (lit: Lit | null, options?: { jump?: boolean }) => void;
  /** The same words are drawn anew: where they now are, without moving. */
  know: (lit: Lit | null) => void;
  /** Shows another place and stays there until asked back. */
  show: (place: Lit) => void;
  release: () => void;
  comeBack: () => void;
  toggle: () => void;
  dispose: () => void;
}

/** `pane` scrolls the transcript; where it does not (on a phone), the window does, under a player of some height. */
export function createFollow(pane: HTMLElement): Follow {
  const on = signal(true);
  const away = signal<Away>(null);
  let last: Lit | null = null;
  let intent = Number.NEGATIVE_INFINITY;
  let held = false; // somebody reads what they searched for

  function paneScrolls(): boolean {
    return getComputedStyle(pane).overflowY !== "visible" && pane.scrollHeight > pane.clientHeight + 1;
  }

  /** Top and bottom of what the reader can see of the transcript, in window coordinates. */
  function visible(): { top: number; bottom: number } {
    if (paneScrolls()) {
      const box = pane.getBoundingClientRect();
      return { top: box.top, bottom: box.bottom };
    }
    const covered = document.querySelector(".player")?.getBoundingClientRect().bottom ?? 0;
    return { top: Math.max(0, covered), bottom: window.innerHeight };
  }

  function place(lit: Lit): DOMRect {
    return (lit.range ?? lit.element).getBoundingClientRect();
  }

  function sideOf(lit: Lit): Away {
    const seen = visible();
    const box = place(lit);
    if (box.bottom <= seen.top) return "above";
    return box.top >= seen.bottom ? "below" : null;
  }

  /**
   * Far parts of the text are laid out only when they come near, so a long way is gone in steps: each step lays
   * out what it reaches, and the next one corrects.
   */
  function scrollTo(lit: Lit, smooth: boolean, steps = 5): void {
    const seen = visible();
    const height = seen.bottom - seen.top;
    const delta = place(lit).top - (seen.top + height * COMFORT.rest);
    const near = Math.abs(delta) < height;
    (paneScrolls() ? pane : window).scrollBy({
      top: delta,
      behavior: near && smooth && !calm.matches ? "smooth" : "instant",
    });
    if (!near && steps > 0) requestAnimationFrame(() => scrollTo(lit, false, steps - 1));
  }

  /** Where the window scrolls, somebody who looks at the map or the evidence must not be carried off to the words. */
  function beingRead(): boolean {
    if (paneScrolls()) return true;
    const seen = visible();
    return pane.getBoundingClientRect().top < seen.top + (seen.bottom - seen.top) / 3;
  }

  function keep(lit: Lit | null, { jump = false } = {}): void {
    if (lit) last = lit;
    if (!lit || held || !beingRead() || !on.peek() || (away.peek() !== null && !jump)) return;
    if (!jump && performance.now() - intent < INTENT_MS) return;
    if (jump) away.value = null;
    const seen = visible();
    const height = seen.bottom - seen.top;
    const box = place(lit);
    const comfortable =
      box.top >= seen.top + height * COMFORT.top && box.bottom <= seen.top + height * COMFORT.bottom;
    if (!comfortable) scrollTo(lit, !jump);
  }

  function meant(): void {
    intent = performance.now();
  }

  function scrolled(): void {
    if (!last || performance.now() - intent > INTENT_MS) return;
    away.value = sideOf(last);
  }

  const anywhere = ["wheel", "touchmove"] as const; // a phone's page is scrolled from wherever the thumb is
  const here = ["keydown", "pointerdown"] as const;
  for (const name of anywhere) window.addEventListener(name, meant, { passive: true });
  for (const name of here) pane.addEventListener(name, meant, { passive: true });
  pane.addEventListener("scroll", scrolled, { passive: true });
  window.addEventListener("scroll", scrolled, { passive: true });

  return {
    on,
    away,
    keep,
    know(lit): void {
      last = lit ?? last;
    },
    show(place): void {
      held = true;
      const seen = visible();
      const box = (place.range ?? place.element).getBoundingClientRect();
      if (box.top < seen.top + 8 || box.bottom > seen.bottom - 8) scrollTo(place, true);
      if (last) away.value = sideOf(last);
    },
    release(): void {
      held = false;
    },
    comeBack(): void {
      held = false;
      on.value = true;
      away.value = null;
      if (last) scrollTo(last, true);
    },
    toggle(): void {
      on.value = !on.peek();
      if (on.peek()) this.comeBack();
    },
    dispose(): void {
      for (const name of anywhere) window.removeEventListener(name, meant);
      for (const name of here) pane.removeEventListener(name, meant);
      pane.removeEventListener("scroll", scrolled);
      window.removeEventListener("scroll", scrolled);
    },
  };
}
