import { useEffect, useRef, useState } from "preact/hooks";
import type { Piece } from "../review/review.ts";
import { shareOf, timeAt, type View } from "../review/timeline.ts";
import { canLight } from "../review/transcript/light.ts";
import { type TextOnPage, wordAtPoint, wordsWithin } from "../review/transcript/text.ts";
import { tenths } from "../words/time.ts";
import { useDesk } from "./desk.ts";
import type { Edge } from "./spans.ts";

const EDGES: readonly Edge[] = ["start", "end"];

/** Handles are for hands; keys move the same ends on the card, so they are not said twice. */
interface HandleProps {
  edge: Edge;
  at: { left: string; top?: string; height?: string };
  kind: string;
  time: number | null;
  to: (event: PointerEvent, edge: Edge) => number | null; // seconds under the pointer
}

function Handle({ edge, at, kind, time, to }: HandleProps) {
  const { edits } = useDesk();
  const id = edits.editing.value;
  const held = useRef(false);
  function move(event: PointerEvent, done: boolean): void {
    event.stopPropagation();
    if (!held.current || id === null) return;
    const seconds = to(event, edge);
    if (done) held.current = false;
    if (seconds !== null) edits.moveEdge(id, edge, seconds, done);
    else if (done) edits.settle();
  }
  return (
    <div
      class={`handle ${kind} ${edge}`}
      style={at}
      aria-hidden="true"
      title={`${edge === "start" ? "Starts" : "Ends"} ${tenths(time)}. Drag to move it`}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.preventDefault();
        held.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => move(event, false)}
      onPointerUp={(event) => move(event, true)}
      onPointerCancel={() => {
        held.current = false;
        edits.settle();
      }}
      onClick={(event) => event.stopPropagation()}
    />
  );
}

function useEdited(): Piece | null {
  const desk = useDesk();
  const id = desk.edits.editing.value;
  return id === null || desk.closed.value ? null : desk.edits.piece(id);
}

/** The ends of the piece that is edited, on the map. */
export function MapHandles({ view, top }: { view: View; top: number }) {
  const piece = useEdited();
  if (!piece) return null;
  function to(event: PointerEvent): number | null {
    const box = (event.currentTarget as Element).parentElement?.getBoundingClientRect();
    return box && box.width > 0 ? timeAt((event.clientX - box.left) / box.width, view) : null;
  }
  return (
    <>
      {EDGES.map((edge) => {
        const share = shareOf(piece[edge] ?? 0, view);
        if (share < 0 || share > 1) return null;
        return (
          <Handle
            key={edge}
            edge={edge}
            kind="on-map"
            time={piece[edge]}
            at={{ left: `${share * 100}%`, top: `${top}px` }}
            to={to}
          />
        );
      })}
    </>
  );
}

/** The same ends in the text, from word to word; and the words between them, washed. */
export function TextHandles() {
  const { recording } = useDesk();
  const piece = useEdited();
  const text = recording.text.value;
  return piece && text && piece.start !== null && piece.end !== null ? (
    <Between text={text} start={piece.start} end={piece.end} />
  ) : null;
}

type Places = Record<Edge, { left: string; top: string; height: string }>;

function Between({ text, start, end }: { text: TextOnPage; start: number; end: number }) {
  const [places, setPlaces] = useState<Places | null>(null);
  useEffect(() => {
    const place = () => setPlaces(placesOf(text, start, end));
    place();
    const observer = new ResizeObserver(place);
    observer.observe(text.pane);
    for (const element of text.pane.children) observer.observe(element);
    return () => {
      observer.disconnect();
      if (canLight) CSS.highlights.delete("span");
    };
  }, [text, start, end]);
  if (!places) return null;
  function to(event: PointerEvent, edge: Edge): number | null {
    const word = wordAtPoint(text, event.clientX, event.clientY);
    return word ? (edge === "start" ? word.start : word.end) : null;
  }
  return (
    <>
      {EDGES.map((edge) => (
        <Handle
          key={edge}
          edge={edge}
          kind="in-text"
          time={edge === "start" ? start : end}
          at={places[edge]}
          to={to}
        />
      ))}
    </>
  );
}

function placesOf(text: TextOnPage, start: number, end: number): Places | null {
  const words = wordsWithin(text, { start, end });
  if (!words) return null;
  if (canLight) CSS.highlights.set("span", new Highlight(...words.all));
  const pane = text.pane.getBoundingClientRect();
  const first = words.first.getClientRects()[0];
  const last = [...words.last.getClientRects()].at(-1);
  if (!first || !last) return null;
  const at = (x: number, box: DOMRect) => ({
    left: `${x - pane.left}px`,
    top: `${box.top - pane.top + text.pane.scrollTop}px`,
    height: `${box.height}px`,
  });
  return { start: at(first.left, first), end: at(last.right, last) };
}
