import type { Utterance } from "../../api/types.ts";
import { lastBegun, type Stretch } from "../timeline.ts";
import { characterAt, rangeIn } from "./light.ts";
import { type PlacedWord, wordIn } from "./words.ts";

/** The transcript where it stands on the page: for what is laid over it, and for what is found in it. */
export interface TextOnPage {
  pane: HTMLElement;
  utterances: readonly Utterance[];
  elements: readonly HTMLElement[]; // one an utterance, in order
  wordsOf: (index: number) => readonly PlacedWord[];
  /** Scrolls to what lies in one utterance and keeps the text still there. */
  reveal: (index: number, from: number, to: number) => void;
  /** The text may be moved by playback again. */
  release: () => void;
}

/** The first and the last word that are said within `span`, as places in the text; null where nothing is. */
export function wordsWithin(
  text: TextOnPage,
  span: Stretch,
): { first: Range; last: Range; all: Range[] } | null {
  const all: Range[] = [];
  // Voices overlap, so one that began a while before may still speak.
  const from = Math.max(0, lastBegun(text.utterances, span.start) - 3);
  for (let index = from; index < text.utterances.length; index += 1) {
    const utterance = text.utterances[index];
    if (!utterance || utterance.start === null || utterance.start >= span.end) break;
    const element = text.elements[index];
    const inside = text.wordsOf(index).filter((word) => word.end > span.start && word.start < span.end);
    const first = inside[0];
    const last = inside.at(-1);
    if (!element || !first || !last) continue;
    const range = rangeIn(element, first.from, last.to);
    if (range) all.push(range);
  }
  const first = all[0];
  const last = all.at(-1);
  return first && last ? { first, last, all } : null;
}

/** The word under a point on the screen, or the one nearest to it in its line. */
export function wordAtPoint(text: TextOnPage, x: number, y: number): PlacedWord | null {
  const target = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-said]");
  if (!target || !text.pane.contains(target)) return null;
  const words = text.wordsOf(Number(target.dataset.said));
  const character = characterAt(target, x, y);
  return character === null ? null : wordIn(words, character);
}
