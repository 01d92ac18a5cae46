/**
 * How strongly the machine points, in words. The number behind it was measured on other people's material, so it
 * is not shown as if it were this program's own.
 */
export type Strength = 1 | 2 | 3;

export function strengthOf(p: number): Strength {
  if (p >= 0.8) return 3;
  return p >= 0.6 ? 2 : 1;
}

const WORDS: Record<Strength, string> = { 3: "strong pointer", 2: "fair pointer", 1: "weak pointer" };

export function pointerWords(p: number): string {
  return WORDS[strengthOf(p)];
}
