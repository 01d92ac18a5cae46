import type { Utterance } from "../../api/types.ts";
import { lastBegun } from "../timeline.ts";
import { type PlacedWord, placeWords, unsureRuns, wordAt } from "./words.ts";

/**
 * Lights words without touching the page's tree: the browser paints ranges of the text itself (CSS Custom
 * Highlight). A two-hour transcript stays one text node per utterance; where a browser lacks this, the utterance
 * that is being said is still marked.
 */
const NOW = "now";
const UNSURE = "unsure";
export const canLight = typeof CSS !== "undefined" && "highlights" in CSS && typeof Highlight === "function";

export interface Lit {
  index: number; // of the utterance
  element: HTMLElement;
  range: Range | null; // of the word, where it has one
}

export interface Light {
  /** Lights what is said at `time` and answers where that is; null in silence. */
  show: (time: number) => Lit | null;
  /** Where to look at `time`, in silence too: what was said last, or comes first. */
  near: (time: number) => Lit | null;
  wordsOf: (index: number) => readonly PlacedWord[];
  dispose: () => void;
}

/** `elements` hold one utterance each, in the order of `utterances`, as their only text. */
export function createLight(utterances: readonly Utterance[], elements: readonly HTMLElement[]): Light {
  const placed = new Map<number, readonly PlacedWord[]>();
  const now = canLight ? new Highlight() : null;
  const unsure = canLight ? new Highlight() : null;
  if (now && unsure) {
    now.priority = 1;
    CSS.highlights.set(NOW, now);
    CSS.highlights.set(UNSURE, unsure);
  }

  function wordsOf(index: number): readonly PlacedWord[] {
    const known = placed.get(index);
    if (known) return known;
    const utterance = utterances[index];
    const words = utterance ? placeWords(utterance) : [];
    placed.set(index, words);
    return words;
  }

  // Thousands of painted ranges slow every frame, so only those near the reader's eyes are kept. Watched are the
  // stretches of the page, not each utterance: two hours have well over a thousand of those.
  const painted = new Map<Element, readonly Range[]>();
  const nearby = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) paintUnsure(target);
        else wipeUnsure(target);
      }
    },
    { rootMargin: "50% 0px" },
  );
  if (unsure) for (const stretch of new Set(elements.map(stretchOf))) nearby.observe(stretch);

  function paintUnsure(stretch: Element): void {
    if (!unsure || painted.has(stretch)) return;
    const inside = [...stretch.querySelectorAll<HTMLElement>("[data-said]")];
    const ranges = inside.flatMap((element) =>
      unsureRuns(wordsOf(Number(element.dataset.said))).flatMap(
        (run) => rangeIn(element, run.from, run.to) ?? [],
      ),
    );
    for (const range of ranges) unsure.add(range);
    painted.set(stretch, ranges);
  }

  function wipeUnsure(stretch: Element): void {
    for (const range of painted.get(stretch) ?? []) unsure?.delete(range);
    painted.delete(stretch);
  }

  let lit: Lit | null = null;
  let litFrom = -1;

  function show(time: number): Lit | null {
    const index = utteranceAt(utterances, time);
    const element = index < 0 ? undefined : elements[index];
    const word = element ? wordAt(wordsOf(index), time) : null;
    if (lit && (!element || lit.element !== element)) delete lit.element.dataset.now;
    if (!element) {
      now?.clear();
      lit = null;
      litFrom = -1;
      return null;
    }
    if (lit?.element === element && litFrom === (word?.from ?? -1)) return lit;
    element.dataset.now = "";
    now?.clear();
    const range = word ? rangeIn(element, word.from, word.to) : null;
    if (range) now?.add(range);
    lit = { index, element, range };
    litFrom = word?.from ?? -1;
    return lit;
  }

  function near(time: number): Lit | null {
    const index = Math.max(0, lastBegun(utterances, time));
    const element = elements[index];
    return element ? { index, element, range: null } : null;
  }

  return {
    show,
    near,
    wordsOf,
    dispose(): void {
      if (lit) delete lit.element.dataset.now;
      nearby.disconnect();
      if (!canLight) return;
      CSS.highlights.delete(NOW);
      CSS.highlights.delete(UNSURE);
    },
  };
}

function stretchOf(element: HTMLElement): Element {
  return element.closest(".stretch") ?? element;
}

/** A stretch of an utterance's only text; null where the text is shorter. */
export function rangeIn(element: HTMLElement, from: number, to: number): Range | null {
  const text = element.firstChild;
  if (!(text instanceof Text) || to > text.length) return null;
  const range = new Range();
  range.setStart(text, from);
  range.setEnd(text, to);
  return range;
}

const LINGER_S = 0.6;

/** The utterance being said; where two overlap, the one that began later. -1 in silence. */
export function utteranceAt(utterances: readonly Utterance[], time: number): number {
  const last = lastBegun(utterances, time);
  for (let index = last; index >= 0 && index > last - 4; index -= 1) {
    const end = utterances[index]?.end;
    if (end != null && time < end) return index;
  }
  const end = utterances[last]?.end;
  return end != null && time < end + LINGER_S ? last : -1;
}

/** Index into the text of `element` under a point on the screen; null where the point is not on its text. */
export function characterAt(element: HTMLElement, x: number, y: number): number | null {
  const text = element.firstChild;
  if (typeof document.caretPositionFromPoint === "function") {
    const at = document.caretPositionFromPoint(x, y);
    return at && at.offsetNode === text ? at.offset : null;
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range && range.startContainer === text ? range.startOffset : null;
}
