import type { Peaks } from "../../api/types.ts";
import { LOOK_FOR_IDS, LOOK_FORS } from "../../parts/look-fors.ts";
import { clock } from "../../words/time.ts";
import type { Piece } from "../review.ts";
import { axisTimes, columnsOf, type RoleRun, type Stretch, shareOf, type View } from "../timeline.ts";
import { type Layout, tickHeight } from "./lanes.ts";

/** Resolved from the page's tokens, so that light, dark and forced colours hold on the canvas too. */
export type Inks = Record<InkName, string>;
const INKS = [
  "sheet",
  "well",
  "ink",
  "ink-2",
  "ink-3",
  "line",
  "line-strong",
  "facilitator",
  "youth",
  "now",
  "unknown",
  "voice",
  "relevance",
  "questions",
] as const;
type InkName = (typeof INKS)[number];

export function readInks(element: Element): Inks {
  const style = getComputedStyle(element);
  return Object.fromEntries(INKS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Inks;
}

export interface Score {
  view: View;
  layout: Layout;
  evidence: readonly Piece[];
  found: readonly number[];
  selected: string | null;
  runs: readonly RoleRun[];
  unheard: readonly Stretch[];
  peaks: Peaks | null;
}

/** Draws the whole map, all but what moves with playback. `width` in CSS pixels. */
export function drawScore(canvas: HTMLCanvasElement, width: number, score: Score, inks: Inks): void {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(score.layout.height * scale);
  const pen = canvas.getContext("2d");
  if (!pen || width <= 0) return;
  pen.scale(scale, scale);
  const x = (time: number) => shareOf(time, score.view) * width;
  drawAxis(pen, width, score, inks, x);
  drawSelected(pen, score, inks, x);
  drawLanes(pen, width, score, inks, x);
  drawRoles(pen, width, score, inks, x);
  drawWave(pen, width, score, inks);
  drawUnheard(pen, score, inks, x);
  drawFound(pen, score, inks, x);
}

/** Fills its canvas with what was watched. */
export function drawWatched(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
  { view, watched }: { view: View; watched: readonly Stretch[] },
  inks: Inks,
): void {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  if (!pen || width <= 0) return;
  pen.scale(scale, scale);
  pen.fillStyle = inks.well;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = inks["ink-2"];
  for (const { start, end } of watched) {
    const from = shareOf(start, view) * width;
    pen.fillRect(from, 2, Math.max(1.5, shareOf(end, view) * width - from), height - 4);
  }
}

type X = (time: number) => number;

function drawAxis(
  pen: CanvasRenderingContext2D,
  width: number,
  { view, layout }: Score,
  inks: Inks,
  x: X,
): void {
  pen.font = `500 11px ${getComputedStyle(document.body).fontFamily}`;
  pen.textBaseline = "middle";
  for (const time of axisTimes(view, width, 72)) {
    const at = Math.round(x(time)) + 0.5;
    pen.fillStyle = inks.line;
    pen.fillRect(at - 0.5, layout.axis.height - 5, 1, layout.height - layout.axis.height + 5);
    const label = clock(time);
    if (at + pen.measureText(label).width + 5 > width) continue;
    pen.fillStyle = inks["ink-3"];
    pen.fillText(label, at + 4, layout.axis.height / 2);
  }
}

/** The chosen piece runs through every lane: what else happened there is half of its meaning. */
function drawSelected(
  pen: CanvasRenderingContext2D,
  { evidence, selected, layout }: Score,
  inks: Inks,
  x: X,
): void {
  const one = evidence.find((piece) => piece.id === selected);
  if (!one || one.start === null) return;
  const from = x(one.start);
  const to = Math.max(from + 3, x(one.end ?? one.start));
  pen.fillStyle = inks[LOOK_FORS[one.indicator].tone as InkName];
  pen.globalAlpha = 0.16;
  pen.fillRect(from - 1, layout.axis.height, to - from + 2, layout.height - layout.axis.height);
  pen.globalAlpha = 1;
}

function drawLanes(
  pen: CanvasRenderingContext2D,
  width: number,
  { evidence, layout }: Score,
  inks: Inks,
  x: X,
): void {
  for (const indicator of LOOK_FOR_IDS) {
    const lane = layout.lanes[indicator];
    pen.fillStyle = inks.line;
    pen.fillRect(0, lane.top + lane.height - 1, width, 1);
  }
  for (const one of evidence) {
    if (one.start === null) continue;
    const lane = layout.lanes[one.indicator];
    const base = lane.top + lane.height - 1;
    const from = x(one.start);
    const length = Math.max(0, x(one.end ?? one.start) - from);
    const height = tickHeight(one.p, lane.height - 1);
    pen.fillStyle = inks[LOOK_FORS[one.indicator].tone as InkName];
    if (one.own) {
      // A mark of one's own has no probability: as high as the lane, and hollow.
      pen.strokeStyle = pen.fillStyle;
      pen.lineWidth = 1.5;
      pen.setLineDash([4, 2]);
      pen.strokeRect(from + 0.75, lane.top + 3, Math.max(4, length - 1.5), lane.height - 5);
      pen.setLineDash([]);
      continue;
    }
    pen.globalAlpha = 0.28;
    pen.fillRect(from, base - height, length, height);
    pen.globalAlpha = 1;
    pen.fillRect(from, base - height, 2.5, height);
    pen.fillRect(from, base - 2, Math.max(2.5, length), 2);
  }
}

/** Two staves, facilitator above youth: who speaks is told by place before colour. */
function drawRoles(
  pen: CanvasRenderingContext2D,
  width: number,
  { layout, runs }: Score,
  inks: Inks,
  x: X,
): void {
  const { facilitator, youth } = layout;
  pen.fillStyle = inks.well;
  pen.fillRect(0, facilitator.top, width, facilitator.height);
  pen.fillRect(0, youth.top, width, youth.height);
  const unclear = hatch(pen, inks.unknown, inks.well, 4);
  for (const { role, start, end } of runs) {
    const from = x(start);
    const length = Math.max(1.5, x(end) - from);
    if (role === "unknown") {
      pen.fillStyle = unclear;
      pen.fillRect(from, facilitator.top, length, youth.top + youth.height - facilitator.top);
    } else {
      const band = layout[role];
      pen.fillStyle = inks[role];
      pen.fillRect(from, band.top, length, band.height);
    }
  }
}

function drawWave(
  pen: CanvasRenderingContext2D,
  width: number,
  { peaks, layout, view }: Score,
  inks: Inks,
): void {
  const { wave } = layout;
  const middle = wave.top + wave.height / 2;
  pen.fillStyle = inks["line-strong"];
  if (!peaks) {
    pen.fillRect(0, middle - 0.5, width, 1);
    return;
  }
  const columns = columnsOf(peaks, view, Math.floor(width / 2));
  for (const [column, loud] of columns.entries()) {
    const half = Math.max(0.5, (loud ** 0.8 * wave.height) / 2);
    pen.fillRect(column * 2, middle - half, 1.25, half * 2);
  }
}

function drawUnheard(pen: CanvasRenderingContext2D, { unheard, layout }: Score, inks: Inks, x: X): void {
  if (unheard.length === 0) return;
  const top = layout.facilitator.top;
  const bottom = layout.wave.top + layout.wave.height;
  pen.strokeStyle = inks["ink-3"];
  pen.setLineDash([2, 2]);
  for (const { start, end } of unheard) {
    const from = Math.round(x(start)) + 0.5;
    const length = Math.max(2, Math.round(x(end) - from));
    pen.strokeRect(from, top - 1.5, length, bottom - top + 2);
  }
  pen.setLineDash([]);
}

/** What was searched for: small flags hanging from the axis. */
function drawFound(pen: CanvasRenderingContext2D, { found, layout }: Score, inks: Inks, x: X): void {
  const { height } = layout.axis;
  pen.fillStyle = inks.now;
  pen.strokeStyle = inks.ink;
  pen.lineWidth = 1;
  for (const time of found) {
    const at = x(time);
    pen.beginPath();
    pen.moveTo(at - 4, height - 8);
    pen.lineTo(at + 4, height - 8);
    pen.lineTo(at, height);
    pen.closePath();
    pen.fill();
    pen.stroke();
  }
}

/** Slanted lines on a ground, so that "unclear" does not hang on a shade of grey. */
function hatch(
  pen: CanvasRenderingContext2D,
  line: string,
  ground: string,
  size: number,
): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = size;
  tile.height = size;
  const tilePen = tile.getContext("2d");
  if (!tilePen) return line;
  tilePen.fillStyle = ground;
  tilePen.fillRect(0, 0, size, size);
  tilePen.strokeStyle = line;
  tilePen.lineWidth = 1.3;
  tilePen.beginPath();
  for (const shift of [-size, 0, size]) {
    tilePen.moveTo(shift, size);
    tilePen.lineTo(shift + size, 0);
  }
  tilePen.stroke();
  return pen.createPattern(tile, "repeat") ?? line;
}
