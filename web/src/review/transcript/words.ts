import type { Utterance, Word } from "../../api/types.ts";

export interface PlacedWord extends Word {
  from: number; // index of its first character in the utterance's text
  to: number;
}

/** Words with their place in the text, which may differ from them in spaces or punctuation. */
export function placeWords(utterance: Utterance): PlacedWord[] {
  const placed: PlacedWord[] = [];
  let from = 0;
  for (const word of utterance.words) {
    const text = word.text.trim();
    const at = text === "" ? -1 : utterance.text.indexOf(text, from);
    if (at < 0) continue;
    from = at + text.length;
    placed.push({ ...word, from: at, to: from });
  }
  return placed;
}

const LINGER_S = 0.6; // the last word stays lit this long, so that the eye does not lose its place

/** The word being said at `time`: the last one begun, until the next begins or shortly after it ended. */
export function wordAt(words: readonly PlacedWord[], time: number): PlacedWord | null {
  let found: PlacedWord | null = null;
  for (const word of words) {
    if (word.start > time) break;
    found = word;
  }
  return found && time <= found.end + LINGER_S ? found : null;
}

/** The word a reader clicked, or the one right after the space they hit. */
export function wordIn(words: readonly PlacedWord[], index: number): PlacedWord | null {
  return words.find((word) => index < word.to) ?? words.at(-1) ?? null;
}

export const UNSURE_BELOW = 0.5;

/** Runs of words the recogniser was not sure of, joined over the spaces between them. */
export function unsureRuns(words: readonly PlacedWord[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  let joined = false;
  for (const word of words) {
    const unsure = word.p < UNSURE_BELOW;
    const last = runs.at(-1);
    if (unsure && joined && last) last.to = word.to;
    else if (unsure) runs.push({ from: word.from, to: word.to });
    joined = unsure;
  }
  return runs;
}
