import { effect, signal } from "@preact/signals";
import { ask, client } from "../api/client.ts";
import { onReconnect } from "../api/events.ts";
import { asProblem } from "../api/problem.ts";
import type { Role, Transcript, Utterance } from "../api/types.ts";
import { announce } from "../app/announce.ts";
import { ROLE_WORDS } from "../parts/look-fors.ts";
import { loaded } from "../review/part.ts";
import { lastBegun } from "../review/timeline.ts";
import { utteranceAt } from "../review/transcript/light.ts";
import { type Turn, turnsOf } from "../review/transcript/turns.ts";
import { shelfOf } from "./shelf.ts";
import { beforeOf, type CorrectionCreate, isAbout, type Said, shown } from "./shown.ts";
import type { Corrected, Corrections, Sending } from "./types.ts";

const RETRY_MS = 4_000;
const SAME_TURN_MS = 5_000;

/**
 * Corrections made on this page: shown at once, kept in this browser until the service has them, sent in their order.
 * `did` puts each on the page's own stack of what can be undone; `may` says whether anything may be corrected now.
 */
export function createCorrections(
  review: Corrected,
  did: (subject: string, takeBack: () => void) => void,
  may: () => boolean,
): Corrections {
  const shelf = shelfOf(review.id);
  const said = signal<readonly Said[]>(shelf.read());
  const sending = signal<Sending>("saved");
  const keeps = signal(true); // whether this browser lets us keep anything
  const refused = signal<string | null>(null);
  const menu = signal<Corrections["menu"]["value"]>(null);
  const editing = signal<Corrections["editing"]["value"]>(null);
  let base: Transcript | null = null; // as the service last gave it
  let mine: Transcript | null = null; // with what it does not have yet
  let inFlight = false;
  const tried = new Set(said.peek().map(({ id }) => id)); // may have arrived, whatever became of the answer
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let flipped: { ids: readonly string[]; at: number } = { ids: [], at: 0 };

  function put(next: readonly Said[]): void {
    said.value = next;
    keeps.value = shelf.write(next.filter((one) => one.seq === null));
    show();
  }

  function show(): void {
    if (!base) return;
    mine = shown(base, said.peek());
    if (loaded(review.transcript.part.peek()) !== mine)
      review.transcript.part.value = { state: "ready", value: mine };
  }

  /** A transcript arrived from the service. */
  function arrived(transcript: Transcript): void {
    const late = base !== null && transcript.corrections < base.corrections; // an older answer
    if (!late) base = transcript;
    said.value = said.peek().filter((one) => one.seq === null || one.seq > (base?.corrections ?? 0));
    show();
  }

  function utterances(): readonly Utterance[] {
    return loaded(review.transcript.part.peek())?.utterances ?? [];
  }

  function correct(kind: CorrectionCreate["kind"], targets: readonly string[], value: string): void {
    if (!may() || targets.length === 0) return;
    const id = crypto.randomUUID();
    const make = { id, kind, targets: [...targets], value, at: new Date().toISOString() };
    const restores = utterances()
      .filter((one) => isAbout(make, one))
      .map(beforeOf);
    refused.value = null;
    put([...said.peek(), { id, seq: null, make }]);
    did(`correction:${id}`, () => {
      const waits = said.peek().some((one) => one.id === id && one.seq === null) && !tried.has(id);
      put(
        waits
          ? said.peek().filter((one) => one.id !== id)
          : [...said.peek(), { id: crypto.randomUUID(), seq: null, takeBack: id, restores }],
      );
      void send();
    });
    void send();
  }

  async function send(): Promise<void> {
    clearTimeout(timer);
    const next = said.peek().find((one) => one.seq === null);
    if (closed || inFlight) return;
    if (!next) {
      sending.value = "saved";
      return;
    }
    inFlight = true;
    tried.add(next.id);
    sending.value = "saving";
    try {
      const { revision } = await ask(request(next));
      inFlight = false;
      put(said.peek().map((one) => (one.id === next.id ? { ...one, seq: revision.corrections } : one)));
      const submission = review.submission.peek();
      if (submission) review.submission.value = { ...submission, revision };
      void send();
    } catch (error) {
      inFlight = false;
      const problem = asProblem(error);
      // A restart, a sleeping laptop: all pass. What the service says no to does not.
      if (problem.unreachable || problem.status >= 500 || problem.signedOut) {
        sending.value = "offline";
        if (!closed) timer = setTimeout(() => void send(), RETRY_MS);
        return;
      }
      refused.value = `${problem.detail} ${problem.remedy}`;
      announce(refused.value);
      put(said.peek().filter((one) => one.id !== next.id));
      void send();
    }
  }

  function request(one: Said) {
    const submission_id = review.id;
    if ("make" in one)
      return client.POST("/api/submissions/{submission_id}/corrections", {
        params: { path: { submission_id } },
        body: one.make,
      });
    return client.DELETE("/api/submissions/{submission_id}/corrections/{correction_id}", {
      params: { path: { submission_id, correction_id: one.takeBack } },
    });
  }

  function sayRole(turn: Turn, role: Role, whole: boolean): void {
    if (whole && turn.speaker === null) {
      announce("This turn was not told apart as anybody's voice.");
      return;
    }
    const ids = turn.utterances.map(({ id }) => id);
    if (whole && turn.speaker !== null) correct("role_of_speaker", [turn.speaker], role);
    else correct("role_of_utterance", ids, role);
    announce(`${whole ? "Every turn of this voice" : "This turn"}: ${ROLE_WORDS[role]}`);
    keepFocus(ids[0]);
  }

  function currentTurn(): Turn | null {
    const turns = turnsOf(utterances());
    const focused = document.activeElement?.closest<HTMLElement>("[data-turn]")?.dataset.turn;
    if (focused) return turns.find(({ id }) => id === focused) ?? null;
    const time = review.clock.time.peek();
    const now = utteranceAt(utterances(), time);
    const at = utterances()[now >= 0 ? now : Math.max(0, lastBegun(utterances(), time))];
    return turns.find((turn) => turn.utterances.some(({ id }) => id === at?.id)) ?? null;
  }

  /** One key: the other voice. Pressed again at once it goes back, even where the turn has joined its neighbour. */
  function flip(whole: boolean): void {
    const turn = currentTurn();
    if (!turn || !may()) return;
    const role = turn.role === "youth" ? "facilitator" : "youth";
    const again = Date.now() - flipped.at < SAME_TURN_MS;
    const part = turn.utterances.filter(({ id }) => again && flipped.ids.includes(id));
    const meant = !whole && part.length > 0 ? { ...turn, utterances: part } : turn;
    flipped = { ids: meant.utterances.map(({ id }) => id), at: Date.now() };
    sayRole(meant, role, whole);
  }

  function edit(turn: Turn | null, utterance?: string): void {
    const first = utterance ?? turn?.utterances[0]?.id;
    if (turn && first && may()) editing.value = { turn: turn.id, utterance: first };
  }

  function sayWords(utterance: Utterance, text: string): void {
    const words = text.split(/\s+/).filter(Boolean).join(" ");
    if (words === utterance.text) return;
    if (words !== "") correct("words_of_utterance", [utterance.id], words);
    else refused.value = "There are no words. Write what is said, or leave it as it was.";
  }

  async function lookAgain(): Promise<void> {
    try {
      const at = { params: { path: { submission_id: review.id } } };
      const revision = await ask(client.POST("/api/submissions/{submission_id}/look-again", at));
      const submission = review.submission.peek();
      if (submission) review.submission.value = { ...submission, revision };
    } catch (error) {
      const problem = asProblem(error);
      refused.value = `${problem.detail} ${problem.remedy}`;
    }
  }

  const online = () => void send();
  window.addEventListener("online", online);
  const stops = [
    effect(() => {
      const transcript = loaded(review.transcript.part.value);
      if (transcript && transcript !== mine) arrived(transcript);
    }),
    onReconnect(online),
  ];
  void send();

  return {
    ...{ said, sending, keeps, refused, menu, editing },
    ...{ sayRole, sayWords, currentTurn, flip, edit, lookAgain },
    tryNow: online,
    dispose(): void {
      closed = true;
      clearTimeout(timer);
      window.removeEventListener("online", online);
      for (const stop of stops) stop();
    },
  };
}

/** A corrected turn may join its neighbour; whoever was in it stays there. */
function keepFocus(utterance: string | undefined): void {
  const inside = document.activeElement?.closest("[data-turn], .turn-menu");
  if (!inside || !utterance) return;
  requestAnimationFrame(() => {
    const turn = document.querySelector(`[data-utterance="${CSS.escape(utterance)}"]`)?.closest(".turn");
    turn?.querySelector<HTMLElement>(".turn-time")?.focus({ preventScroll: true });
  });
}
