/** Bytes a second over the last few seconds: steady enough to read, quick enough to notice a stall. */
const WINDOW_MS = 8_000;

export interface Sample {
  at: number; // ms
  sent: number; // bytes, in all
}

export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter((old) => old.at >= sample.at - WINDOW_MS && old.sent <= sample.sent), sample];
}

/** Null until there is enough to say. */
export function bytesPerSecond(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < 500) return null;
  return ((last.sent - first.sent) * 1000) / (last.at - first.at);
}
