import type { Role, Utterance } from "../../api/types.ts";

/** One speaker's unbroken run of utterances. */
export interface Turn {
  id: string; // of its first utterance
  speaker: string | null;
  role: Role;
  unsure: boolean; // whose voice it is may be wrong
  start: number | null;
  end: number | null;
  utterances: readonly Utterance[];
  gap: number; // seconds without words before it
}

const SURE = 0.8;

export function turnsOf(utterances: readonly Utterance[]): Turn[] {
  const turns: { utterances: Utterance[] }[] = [];
  for (const one of utterances) {
    const last = turns.at(-1)?.utterances.at(-1);
    if (last && last.speaker === one.speaker && last.role === one.role) turns.at(-1)?.utterances.push(one);
    else turns.push({ utterances: [one] });
  }
  let heard: number | null = null;
  return turns.flatMap(({ utterances: own }) => {
    const [first] = own;
    if (!first) return [];
    const end = own.reduce<number | null>(
      (late, one) => (one.end === null ? late : Math.max(late ?? 0, one.end)),
      null,
    );
    const gap = first.start === null || heard === null ? 0 : Math.max(0, first.start - heard);
    heard = end === null ? heard : Math.max(heard ?? 0, end);
    const unsure = first.role === "unknown" || own.some((one) => one.role_p < SURE);
    return [
      {
        id: first.id,
        speaker: first.speaker,
        role: first.role,
        unsure,
        start: first.start,
        end,
        utterances: own,
        gap,
      },
    ];
  });
}

/** Voices are numbered within their role in order of appearance, as a reader would: never a name. */
export function voiceNumbers(turns: readonly Turn[]): ReadonlyMap<string, number> {
  const seen = new Map<Role, string[]>();
  const numbers = new Map<string, number>();
  for (const { role, speaker } of turns) {
    if (speaker === null) continue;
    const own = seen.get(role) ?? [];
    if (!own.includes(speaker)) own.push(speaker);
    seen.set(role, own);
    numbers.set(`${role} ${speaker}`, own.indexOf(speaker) + 1);
  }
  for (const [role, own] of seen) if (own.length === 1 && own[0]) numbers.delete(`${role} ${own[0]}`);
  return numbers;
}
