import { effect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Evidence, Transcript as TranscriptData } from "../../api/types.ts";
import { addShortcuts } from "../../app/keymap.ts";
import { addCorrectionKeys } from "../../corrections/keys.ts";
import { RevisionState } from "../../corrections/state.tsx";
import { TurnMenu } from "../../corrections/turn-menu.tsx";
import { TurnRole } from "../../corrections/turn-role.tsx";
import type { Corrections } from "../../corrections/types.ts";
import { WordEditor } from "../../corrections/word-editor.tsx";
import { Glyph } from "../../parts/glyph.tsx";
import { Icon } from "../../parts/icon.tsx";
import { LOOK_FORS } from "../../parts/look-fors.ts";
import { Notice, ProblemNotice } from "../../parts/notice.tsx";
import { Wait } from "../../parts/wait.tsx";
import { clock as clockText } from "../../words/time.ts";
import { type Review, useReview } from "../review.ts";
import { lastBegun, type Stretch } from "../timeline.ts";
import { createFollow, type Follow } from "./follow.ts";
import { characterAt, createLight, type Light, rangeIn } from "./light.ts";
import { memo } from "./memo.ts";
import { SearchBar } from "./search-bar.tsx";
import { type Turn, turnsOf, voiceNumbers } from "./turns.ts";
import { wordIn } from "./words.ts";

/** `over` is laid over the text and moves with it. */
export function TranscriptPane({ over }: { over?: ComponentChildren }) {
  const review = useReview();
  const part = review.transcript.part.value;
  if (part.state === "failed")
    return <ProblemNotice problem={part.problem} retry={() => void review.transcript.load()} />;
  if (part.state !== "ready") return <Wait what="Opening the transcript…" />;
  if (part.value.utterances.length === 0)
    return <NoWords sound={review.submission.value?.has_sound !== false} />;
  return <Reading transcript={part.value} over={over} />;
}

function NoWords({ sound }: { sound: boolean }) {
  return (
    <Notice>
      <p>
        {sound
          ? "No speech was recognised in this recording."
          : "There is no sound in this recording, so there is nothing to read."}
      </p>
      <p>That does not mean that nothing was said: watch it, and judge by what you see and hear.</p>
    </Notice>
  );
}

function Reading({ transcript, over }: { transcript: TranscriptData; over: ComponentChildren }) {
  const review = useReview();
  const pane = useRef<HTMLDivElement>(null);
  const light = useRef<Light | null>(null);
  const [follow, setFollow] = useState<Follow | null>(null);
  const { utterances } = transcript;
  const turns = useMemo(() => turnsOf(utterances), [utterances]);
  const numbers = useMemo(() => voiceNumbers(turns), [turns]);
  // Drawn anew when a look-for changes, not with every step of a span's end.
  const signs = review.pieces.value.map((one) => `${one.id} ${one.indicator} ${one.code}`).join();
  const marks = useMemo(() => marksOf(review.pieces.peek()), [signs]);
  const unheard = review.unheard.value;
  const corrections = review.corrections.value;

  useEffect(() => {
    if (!pane.current) return;
    const following = createFollow(pane.current);
    setFollow(following);
    return () => following.dispose();
  }, [review]);

  useEffect(() => {
    if (!pane.current || !follow) return;
    const elements = [...pane.current.querySelectorAll<HTMLElement>("[data-said]")];
    const lit = createLight(utterances, elements);
    const again = light.current !== null; // the words were corrected: nobody asked to be taken elsewhere
    light.current = lit;
    review.text.value = {
      ...{ pane: pane.current, utterances, elements, wordsOf: lit.wordsOf, release: follow.release },
      reveal(index, from, to): void {
        const element = elements[index];
        if (element) follow.show({ index, element, range: rangeIn(element, from, to) });
      },
    };
    let before = again ? null : 0; // a page opened at a time counts as a jump to it
    const stop = effect(() => {
      const time = review.clock.time.value;
      if (before === null) {
        before = time;
        follow.know(lit.show(time));
        return;
      }
      const jumped = Math.abs(time - before) > 1.5;
      before = time;
      follow.keep(lit.show(time) ?? (jumped ? lit.near(time) : null), { jump: jumped });
    });
    return () => {
      stop();
      review.text.value = null;
      lit.dispose();
    };
  }, [utterances, review, follow]);

  // Keys work as soon as the text is there, not after its first paint.
  useLayoutEffect(() => (corrections ? addCorrectionKeys(corrections) : undefined), [corrections]);

  useLayoutEffect(
    () =>
      follow
        ? addShortcuts([
            {
              id: "follow",
              group: "Transcript",
              label: "Follow the spoken word",
              keys: ["f"],
              run: () => follow.toggle(),
            },
          ])
        : undefined,
    [follow],
  );

  function onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    if (!target || target.closest("button, form")) return;
    if (!window.getSelection()?.isCollapsed) return; // selecting words is not asking to go there
    const element = target.closest<HTMLElement>("[data-said]");
    const index = element ? Number(element.dataset.said) : -1;
    const utterance = utterances[index];
    if (!element || !utterance || utterance.start === null) return;
    const character = characterAt(element, event.clientX, event.clientY);
    const word = character === null ? null : wordIn(light.current?.wordsOf(index) ?? [], character);
    review.clock.seek(word?.start ?? utterance.start);
  }

  return (
    <div class="reading">
      {corrections && <RevisionState corrections={corrections} />}
      <SearchBar utterances={utterances} />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the time buttons inside do the same for keys */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      <div class="transcript" ref={pane} onClick={onClick} lang={transcript.language ?? undefined}>
        <Turns
          {...{ turns, numbers, marks, unheard, review, corrections }}
          editing={corrections?.editing.value?.turn ?? null}
        />
        <p class="the-end quiet">End of the transcript</p>
        {over}
      </div>
      {corrections && <TurnMenu corrections={corrections} />}
      {follow && <WayBack follow={follow} />}
    </div>
  );
}

function marksOf(evidence: readonly Evidence[]): ReadonlyMap<string, readonly Evidence[]> {
  const marks = new Map<string, Evidence[]>();
  for (const one of evidence) {
    const at = one.utterances[0];
    if (at) marks.set(at, [...(marks.get(at) ?? []), one]);
  }
  return marks;
}

interface TurnsProps {
  turns: readonly Turn[];
  numbers: ReadonlyMap<string, number>;
  marks: ReadonlyMap<string, readonly Evidence[]>;
  unheard: readonly Stretch[];
  review: Review;
  corrections: Corrections | null;
  editing: string | null; // the turn whose words are being corrected
}

/** Drawn once for a transcript; what moves with playback is painted over it. */
const Turns = memo(function Turns(props: TurnsProps) {
  const { turns, numbers, marks, unheard, review, corrections, editing } = props;
  const list = useRef<HTMLDivElement>(null);
  const stretches = stretchesOf(turns);
  const order = new Map(turns.flatMap((turn) => turn.utterances).map((one, index) => [one.id, index]));

  /** One stop for the Tab key; arrows walk the turns. */
  function onKeyDown(event: KeyboardEvent): void {
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>(".turn-time") ?? [])];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    const next = at >= 0 && to !== undefined ? buttons[to] : undefined;
    if (!next) return;
    event.preventDefault();
    buttons[at]?.setAttribute("tabindex", "-1");
    next.tabIndex = 0;
    next.focus();
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: between a list and its items HTML allows no stretches
    <div ref={list} role="list" onKeyDown={onKeyDown}>
      {stretches.map((stretch) => (
        <div key={stretch[0]?.id} class="stretch">
          {stretch.map((turn) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            <div key={turn.id} role="listitem" class={`turn ${turn.role}`} data-turn={turn.id}>
              <Gap turn={turn} unheard={unheard} />
              <header>
                <button
                  type="button"
                  class="turn-time time"
                  tabIndex={turn === turns[0] ? 0 : -1}
                  disabled={turn.start === null}
                  onClick={() => review.clock.seek(turn.start ?? 0)}
                >
                  <span class="unseen">Go to </span>
                  {clockText(turn.start)}
                </button>
                <TurnRole
                  turn={turn}
                  number={numbers.get(`${turn.role} ${turn.speaker}`)}
                  corrections={corrections}
                />
              </header>
              {corrections && editing === turn.id && <WordEditor turn={turn} corrections={corrections} />}
              <div class="turn-said said" hidden={editing === turn.id}>
                {turn.utterances.map((one) => (
                  <p
                    key={one.id}
                    class={one.heard?.text ? "utterance corrected" : "utterance"}
                    title={one.heard?.text ? `Corrected. The machine heard “${one.heard.text}”` : undefined}
                    data-utterance={one.id}
                    onDblClick={corrections ? () => corrections.edit(turn, one.id) : undefined}
                  >
                    <span data-said={order.get(one.id)}>{one.text}</span>
                    {one.heard?.text && <span class="unseen"> (corrected)</span>}
                    {(marks.get(one.id) ?? []).map((piece) => (
                      <button
                        key={piece.id}
                        type="button"
                        tabIndex={-1}
                        class={`mark-button ${LOOK_FORS[piece.indicator].tone}`}
                        title={`${LOOK_FORS[piece.indicator].label}: ${piece.code_label}`}
                        aria-label={`Evidence: ${LOOK_FORS[piece.indicator].label}, ${piece.code_label}`}
                        onClick={() => review.select(piece)}
                      >
                        <Glyph of={piece.indicator} />
                      </button>
                    ))}
                  </p>
                ))}
              </div>
            </div>
          ))}
        </div>
      ))}
    </div>
  );
});

const TURNS_A_STRETCH = 16;

/** The browser lays out and paints the stretches near the reader's eyes and keeps count of the others alone. */
function stretchesOf(turns: readonly Turn[]): Turn[][] {
  const stretches: Turn[][] = [];
  for (let at = 0; at < turns.length; at += TURNS_A_STRETCH)
    stretches.push(turns.slice(at, at + TURNS_A_STRETCH));
  return stretches;
}

const GAP_S = 3;

/** A pause long enough to mean something, and whether it was a silent one. */
function Gap({ turn, unheard }: { turn: Turn; unheard: readonly Stretch[] }) {
  if (turn.start === null || turn.gap < GAP_S) return null;
  const from = turn.start - turn.gap;
  const at = lastBegun(unheard, turn.start - 0.01);
  const stretch = unheard[at];
  const loud = stretch !== undefined && stretch.end > from;
  const seconds = Math.round(turn.gap);
  return loud ? (
    <p class="gap loud">
      <Icon name="sound" size={15} /> {seconds} s of sound without words: talk that was not understood, or
      noise
    </p>
  ) : (
    <p class="gap">{seconds} s without words</p>
  );
}

function WayBack({ follow }: { follow: Follow }) {
  const { clock } = useReview();
  const away = follow.away.value;
  if (!away) return null;
  return (
    <button type="button" class="way-back button strong small" onClick={() => follow.comeBack()}>
      <Icon name={away === "above" ? "up" : "down"} size={16} />
      Back to <span class="time">{clockText(clock.second.value)}</span>
    </button>
  );
}
