import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Role, Submission, Transcript, Utterance } from "../api/types.ts";
import type { Clock } from "../review/clock.ts";
import type { Loader } from "../review/part.ts";
import type { Turn } from "../review/transcript/turns.ts";
import type { Said } from "./shown.ts";

/** What of an open recording corrections need. */
export interface Corrected {
  id: string;
  submission: Signal<Submission | null>;
  transcript: Loader<Transcript>;
  clock: Clock;
}

export type Sending = "saved" | "saving" | "offline";

export interface Corrections {
  said: ReadonlySignal<readonly Said[]>;
  sending: ReadonlySignal<Sending>;
  keeps: ReadonlySignal<boolean>; // whether this browser lets us keep anything
  refused: Signal<string | null>;
  menu: Signal<{ turn: Turn; button: HTMLElement } | null>; // where it is open
  editing: Signal<{ turn: string; utterance: string } | null>; // whose words are being written
  sayRole: (turn: Turn, role: Role, whole: boolean) => void;
  sayWords: (utterance: Utterance, text: string) => void;
  /** The turn that has the focus, else the one that is being said or was said last. */
  currentTurn: () => Turn | null;
  /** The other voice, for the current turn or for every turn of its voice. */
  flip: (whole: boolean) => void;
  edit: (turn: Turn | null, utterance?: string) => void;
  lookAgain: () => Promise<void>;
  tryNow: () => void;
  dispose: () => void;
}
