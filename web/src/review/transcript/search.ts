import type { Utterance } from "../../api/types.ts";

/** One place in the transcript where what was searched for stands. */
export interface Hit {
  utterance: number; // index
  from: number; // in its text
  to: number;
}

interface Folded {
  text: string;
  at: readonly number[] | null; // index in the original of each character here; null where they are the same
}

const PLAIN = /^[\x20-\x7e]*$/;
const MARKS = /\p{M}+/gu;
const QUOTES: Record<string, string> = { "’": "'", "‘": "'", "“": '"', "”": '"' };

function foldCharacter(character: string): string {
  return (QUOTES[character] ?? character).normalize("NFD").replace(MARKS, "").toLowerCase();
}

/** Without case, accents and curly quotes: nobody types them when they search. */
export function fold(original: string): Folded {
  if (PLAIN.test(original)) return { text: original.toLowerCase(), at: null };
  let text = "";
  const at: number[] = [];
  let index = 0;
  for (const character of original) {
    const folded = foldCharacter(character);
    for (let n = 0; n < folded.length; n += 1) at.push(index);
    text += folded;
    index += character.length;
  }
  return { text, at };
}

/** Folds once, then answers as fast as one types: two hours of talk are about 100 kB of text. */
export function createSearch(utterances: readonly Utterance[]): (query: string) => Hit[] {
  let folded: readonly Folded[] | null = null;
  return (query) => {
    const wanted = fold(query.trim()).text.replace(/\s+/g, " ");
    if (wanted === "") return [];
    folded ??= utterances.map((one) => fold(one.text));
    return folded.flatMap(({ text, at }, utterance) => {
      const hits: Hit[] = [];
      for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length)) {
        const end = from + wanted.length;
        hits.push({
          utterance,
          from: at?.[from] ?? from,
          to: at ? (at[end] ?? utterances[utterance]?.text.length ?? end) : end,
        });
      }
      return hits;
    });
  };
}
