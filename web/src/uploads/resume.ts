/** An upload that began and has not ended, so that a reload or a crash costs at most the last chunk. */
export interface Unfinished {
  url: string; // the service's address of the upload
  name: string;
  size: number; // bytes
  sample: number; // of the bytes, see sampleOf
  begun: number; // ms since the epoch
  whole?: boolean; // all bytes are there and it may have been handed in: never to be sent again
}

const KEY = "lookfors.uploads";
const KEEP_MS = 7 * 86_400_000;
const SAMPLE_BYTES = 128 * 1024;

export function readUnfinished(storage: Storage, now: number): Unfinished[] {
  try {
    const all: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(all)
      ? all.filter((one): one is Unfinished => isUnfinished(one) && now - one.begun < KEEP_MS)
      : [];
  } catch {
    return [];
  }
}

function isUnfinished(one: unknown): one is Unfinished {
  if (typeof one !== "object" || one === null) return false;
  const { url, name, size, sample, begun } = one as Record<string, unknown>;
  return (
    typeof url === "string" &&
    typeof name === "string" &&
    typeof size === "number" &&
    typeof sample === "number" &&
    typeof begun === "number"
  );
}

export function remember(storage: Storage, now: number, one: Unfinished): void {
  const others = readUnfinished(storage, now).filter((other) => other.url !== one.url);
  write(storage, [...others, one]);
}

export function forget(storage: Storage, now: number, url: string): void {
  write(
    storage,
    readUnfinished(storage, now).filter((one) => one.url !== url),
  );
}

/** Where a browser keeps nothing the upload goes on all the same; a reload then finds nothing of it. */
function write(storage: Storage, all: readonly Unfinished[]): void {
  try {
    storage.setItem(KEY, JSON.stringify(all));
  } catch {
    // Full, or refused.
  }
}

export function markWhole(storage: Storage, now: number, url: string, whole: boolean): void {
  const one = readUnfinished(storage, now).find((kept) => kept.url === url);
  if (one) remember(storage, now, { ...one, whole });
}

/**
 * A number drawn from both ends of a file (32-bit FNV-1a). Names and dates will not do: a phone may make a new
 * copy each time a video is picked, and then the bytes differ although the name does not.
 */
export async function sampleOf(file: Blob): Promise<number> {
  const parts =
    file.size <= 2 * SAMPLE_BYTES
      ? [file]
      : [file.slice(0, SAMPLE_BYTES), file.slice(file.size - SAMPLE_BYTES, file.size)];
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (const byte of new Uint8Array(await part.arrayBuffer())) {
      hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
  }
  return hash;
}

/** The unfinished upload this file belongs to, by size and bytes. */
export function unfinishedFor(
  all: readonly Unfinished[],
  size: number,
  sample: number,
): Unfinished | undefined {
  return all.find((one) => one.size === size && one.sample === sample);
}
