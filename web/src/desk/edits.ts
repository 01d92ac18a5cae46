import { computed, effect, signal } from "@preact/signals";
import type { IndicatorId } from "../api/types.ts";
import { announce } from "../app/announce.ts";
import { LOOK_FORS } from "../parts/look-fors.ts";
import { around } from "../review/map/zoom.ts";
import { loaded } from "../review/part.ts";
import type { Change, Piece, Review } from "../review/review.ts";
import type { Stretch } from "../review/timeline.ts";
import type { Log } from "./log.ts";
import { type Edge, editOf, type SpanEdit, withEdge } from "./spans.ts";

export interface OwnMark {
  id: string;
  indicator: IndicatorId;
  start: number; // seconds
  end: number;
  note: string;
}

/** What the reviewer changes in the suggestions and marks themselves. None of it moves playback. */
export function createEdits(recording: Review, log: Log, closed: () => boolean) {
  const editing = signal<string | null>(null); // the piece whose ends can be moved
  const draft = signal<(Stretch & { id: string }) | null>(null); // while a handle is held

  const own = computed<readonly OwnMark[]>(() =>
    [...log.now.value]
      .filter(([subject, held]) => subject.startsWith("own:") && held.value)
      .map(([subject, held]) => ({ note: "", ...held.value, id: subject.slice(4) }) as unknown as OwnMark)
      .toSorted((a, b) => a.start - b.start),
  );

  function label(code: string | undefined): string | undefined {
    const known = loaded(recording.catalogue.part.value)?.flatMap((one) => one.codes);
    return known?.find((one) => one.id === code)?.label;
  }

  const changes = computed(() => {
    const found = new Map<string, Change>();
    for (const [subject, { value }] of log.now.value) {
      if (!subject.startsWith("span:") || !value) continue;
      const { start, end, indicator, code } = value as SpanEdit;
      const name = label(code);
      found.set(subject.slice(5), {
        ...(start !== undefined && end !== undefined && { start, end }),
        ...(indicator !== undefined && { indicator: indicator as IndicatorId }),
        ...(code !== undefined && { code: code as Piece["code"] }),
        ...(name !== undefined && { code_label: name }),
      });
    }
    return found;
  });

  const stops = [
    effect(() => {
      const held = draft.value;
      const next = new Map(changes.value);
      if (held && !own.value.some((one) => one.id === held.id))
        next.set(held.id, { ...next.get(held.id), start: held.start, end: held.end });
      recording.changes.value = next;
    }),
    effect(() => {
      const held = draft.value;
      recording.own.value = own.value.map((mark) =>
        asPiece(held?.id === mark.id ? { ...mark, ...held } : mark),
      );
    }),
    effect(() => {
      // Ends are moved on the piece that is chosen; another choice leaves it.
      if (editing.value !== null && recording.selected.value !== editing.value) editing.value = null;
    }),
  ];

  function piece(id: string): Piece | null {
    return recording.pieces.value.find((one) => one.id === id) ?? null;
  }

  function suggested(id: string): Piece | null {
    return loaded(recording.evidence.part.value)?.find((one) => one.id === id) ?? null;
  }

  function setOwn(mark: OwnMark, change: Partial<OwnMark>): void {
    const { indicator, start, end, note } = { ...mark, ...change };
    log.act("own_evidence", `own:${mark.id}`, { indicator, start, end, note });
  }

  function change(id: string, part: Change): void {
    if (closed()) return;
    const mark = own.peek().find((one) => one.id === id);
    const [from, now] = [suggested(id), piece(id)];
    if (mark) setOwn(mark, part as Partial<OwnMark>);
    else if (from && now) log.act("evidence_edit", `span:${id}`, editOf(from, { ...now, ...part }) as never);
  }

  /** Moves one end to `to` seconds; `done` false while a handle is still held. */
  function moveEdge(id: string, edge: Edge, to: number, done = true): void {
    const now = piece(id);
    if (!now || now.start === null || now.end === null || closed()) return;
    const span = withEdge({ start: now.start, end: now.end }, edge, to, recording.duration.peek());
    draft.value = done ? null : { id, ...span };
    const saved = piece(id);
    if (done && (span.start !== saved?.start || span.end !== saved.end)) change(id, span);
  }

  /** On the whole of a long recording a piece is thinner than its handles. */
  function giveRoom(id: string): void {
    const now = piece(id);
    const length = recording.duration.peek();
    if (recording.zoom.peek() || !now || now.start === null || now.end === null) return;
    if (now.end - now.start < length / 40)
      recording.zoom.value = around({ start: now.start, end: now.end }, length);
  }

  return {
    ...{ own, editing, draft, piece, suggested, setOwn, change, moveEdge },
    /** Was anything of this suggestion changed? */
    edited: (id: string): boolean => changes.value.has(id),
    /** A handle was let go where nothing is: it stays where it last was. */
    settle(): void {
      const held = draft.peek();
      draft.value = null;
      const saved = held && piece(held.id);
      if (held && (held.start !== saved?.start || held.end !== saved.end))
        change(held.id, { start: held.start, end: held.end });
    },
    putBack(id: string): void {
      if (!closed()) log.act("evidence_edit", `span:${id}`, null);
    },
    remove(id: string): void {
      if (!closed()) log.act("own_evidence", `own:${id}`, null);
    },
    toggle(id: string): void {
      if (closed()) return;
      recording.selected.value = id;
      editing.value = editing.peek() === id ? null : id;
      if (editing.peek()) giveRoom(id);
    },
    /** Sets an end of the chosen piece to where playback stands. */
    setEdgeHere(edge: Edge): void {
      const id = recording.selected.peek();
      const now = id === null ? null : piece(id);
      if (id !== null && now !== null) moveEdge(id, edge, recording.clock.time.peek());
      const done = edge === "start" ? "Starts here" : "Ends here";
      announce(now === null ? "Choose a moment first." : done);
    },
    dispose(): void {
      for (const stop of stops) stop();
    },
  };
}

function asPiece(mark: OwnMark): Piece {
  return {
    ...{ id: mark.id, own: true, indicator: mark.indicator, start: mark.start, end: mark.end },
    ...{ code: "own" as Piece["code"], code_label: `Your mark: ${LOOK_FORS[mark.indicator].label}` },
    ...{ utterances: [], p: 1, said_by: "unknown" as const, cues: [], quote: mark.note },
  };
}
