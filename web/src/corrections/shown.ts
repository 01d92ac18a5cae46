import type { components } from "../api/schema.d.ts";
import type { Role, Transcript, Utterance } from "../api/types.ts";

export type CorrectionCreate = components["schemas"]["CorrectionCreate"];

/** What a correction changes of an utterance, as it was before. */
export type Before = Pick<Utterance, "id" | "role" | "role_p" | "text" | "words" | "heard">;

/**
 * Something said of the transcript here: a correction, or that one is taken back. `seq` is its number with the
 * service, null until it is there.
 */
export type Said = { id: string; seq: number | null } & (
  | { make: CorrectionCreate }
  | { takeBack: string; restores: readonly Before[] }
);

export function isAbout(correction: CorrectionCreate, utterance: Utterance): boolean {
  const of = correction.kind === "role_of_speaker" ? utterance.speaker : utterance.id;
  return of !== null && correction.targets.includes(of);
}

export function beforeOf({ id, role, role_p, text, words, heard }: Utterance): Before {
  return { id, role, role_p, text, words, heard };
}

/** The transcript of the service with what it does not have yet: shown at once, whatever the connection does. */
export function shown(transcript: Transcript, said: readonly Said[]): Transcript {
  const missing = said.filter((one) => one.seq === null || one.seq > transcript.corrections);
  if (missing.length === 0) return transcript;
  let { utterances } = transcript;
  for (const one of missing)
    utterances = "make" in one ? make(utterances, one.make) : restore(utterances, one.restores);
  return { ...transcript, utterances };
}

function make(utterances: readonly Utterance[], correction: CorrectionCreate): Utterance[] {
  return utterances.map((one) => {
    if (!isAbout(correction, one)) return one;
    const { role = null, text = null } = one.heard ?? {};
    if (correction.kind === "words_of_utterance")
      // Where each word lies is worked out by the service; until then the whole utterance is lit.
      return { ...one, text: correction.value, words: [], heard: { role, text: text ?? one.text } };
    return { ...one, role: correction.value as Role, role_p: 1, heard: { role: role ?? one.role, text } };
  });
}

function restore(utterances: readonly Utterance[], restores: readonly Before[]): Utterance[] {
  const before = new Map(restores.map((one) => [one.id, one]));
  return utterances.map((one) => ({ ...one, ...before.get(one.id) }));
}
