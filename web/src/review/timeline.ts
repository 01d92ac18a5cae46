import type { Peaks, Role, Utterance } from "../api/types.ts";

/** The stretch of the recording that the map shows. */
export interface View {
  start: number; // seconds
  end: number;
}

export interface Stretch {
  start: number; // seconds, half-open
  end: number;
}

export interface RoleRun extends Stretch {
  role: Role;
}

export function shareOf(time: number, view: View): number {
  const length = view.end - view.start;
  return length > 0 ? (time - view.start) / length : 0;
}

export function timeAt(share: number, view: View): number {
  return view.start + Math.min(1, Math.max(0, share)) * (view.end - view.start);
}

const AXIS_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Round times for an axis on which a label needs `room` pixels. */
export function axisTimes(view: View, width: number, room: number): number[] {
  const length = view.end - view.start;
  if (length <= 0 || width <= 0) return [];
  const step = AXIS_STEPS_S.find((one) => (one / length) * width >= room) ?? 3600;
  const times: number[] = [];
  for (let time = Math.ceil(view.start / step) * step; time < view.end; time += step) times.push(time);
  return times;
}

const SAME_RUN_S = 0.35; // a breath inside one voice does not break its bar

/** Unbroken stretches of one role, in order of start; roles may overlap each other. */
export function roleRuns(utterances: readonly Utterance[]): RoleRun[] {
  const open = new Map<Role, RoleRun>();
  const runs: RoleRun[] = [];
  for (const { start, end, role } of utterances) {
    if (start === null || end === null) continue;
    const last = open.get(role);
    if (last && start - last.end <= SAME_RUN_S) {
      last.end = Math.max(last.end, end);
      continue;
    }
    const run = { role, start, end };
    open.set(role, run);
    runs.push(run);
  }
  return runs;
}

const SHORTEST_S = 1.5;

/**
 * Stretches without words that are nonetheless about as loud as the speech around them. It may be talk that was
 * not understood, or noise: either way it is not silence, and a reviewer should know.
 *
 * Loud means: the median peak of the stretch reaches half the median peak under words.
 */
export function soundWithoutWords(
  utterances: readonly Utterance[],
  peaks: Peaks,
  duration: number,
): Stretch[] {
  const worded = utterances
    .flatMap((one): { start: number | null; end: number | null }[] =>
      one.words.length > 0 ? one.words : [one],
    )
    .flatMap(({ start, end }) => (start === null || end === null ? [] : [{ start, end }]))
    .toSorted((a, b) => a.start - b.start);
  const underWords = median(worded.flatMap((one) => slice(peaks, one)));
  if (underWords === 0) return [];
  const gaps: Stretch[] = [];
  let heard = 0;
  for (const { start, end } of [...worded, { start: duration, end: duration }]) {
    if (start - heard >= SHORTEST_S) gaps.push({ start: heard, end: start });
    heard = Math.max(heard, end);
  }
  return gaps.filter((gap) => median(slice(peaks, gap)) >= underWords / 2);
}

function slice(peaks: Peaks, { start, end }: Stretch): number[] {
  return peaks.peaks.slice(Math.floor(start * peaks.rate), Math.ceil(end * peaks.rate));
}

function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)] ?? 0;
}

/** The loudest peak under each of `columns` columns, 0…1 of the loudest of all. */
export function columnsOf(peaks: Peaks, view: View, columns: number): Float32Array {
  const loudest = peaks.peaks.reduce((most, value) => Math.max(most, value), 1);
  const out = new Float32Array(Math.max(0, columns));
  const perColumn = ((view.end - view.start) * peaks.rate) / columns;
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor(view.start * peaks.rate + column * perColumn);
    const to = Math.max(from + 1, Math.ceil(view.start * peaks.rate + (column + 1) * perColumn));
    let most = 0;
    for (let index = from; index < to; index += 1) most = Math.max(most, peaks.peaks[index] ?? 0);
    out[column] = most / loudest;
  }
  return out;
}

/** Index of the last item that has begun at `time`, by bisection; -1 before the first. Items are in order of start. */
export function lastBegun(items: readonly { start: number | null }[], time: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.start ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
