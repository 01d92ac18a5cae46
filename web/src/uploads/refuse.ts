import { bytes } from "../words/amount.ts";

/** How much of a file is looked at before it is sent. */
export const HEAD_BYTES = 4096;

interface Looked {
  name: string;
  size: number; // bytes
  head: Uint8Array; // the first HEAD_BYTES
  largest: number | null; // bytes the service takes, where it says
}

const SIGNATURES: readonly [bytes: string, what: string][] = [
  ["%PDF", "a PDF document"],
  ["PK\x03\x04", "a ZIP archive or an office document"],
  ["\x89PNG", "a picture"],
  ["\xff\xd8\xff", "a picture"],
  ["GIF8", "a picture"],
  ["Rar!", "an archive"],
  ["7z\xbc\xaf", "an archive"],
];
const PHOTO_BRANDS = new Set(["heic", "heix", "mif1", "msf1", "avif"]);

function ascii(head: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...head.subarray(from, to));
}

/** Text has no zero bytes and next to no control characters; no sound or video begins like that. */
function looksLikeText(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  const odd = head.reduce(
    (n, byte) => n + (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 ? 1 : 0),
    0,
  );
  return odd === 0;
}

function kindOf(head: Uint8Array): string | null {
  if (ascii(head, 0, 7) === "#EXTM3U") return "a playlist, which only points at a video somewhere else";
  for (const [signature, what] of SIGNATURES) if (ascii(head, 0, signature.length) === signature) return what;
  if (ascii(head, 4, 8) === "ftyp" && PHOTO_BRANDS.has(ascii(head, 8, 12))) return "a photo";
  if (looksLikeText(head)) return "a text file";
  return null;
}

/**
 * One sentence why this file is not worth sending, or null. Only what is certain is refused here; everything
 * else is for the service to judge, which opens the file.
 */
export function refusal({ name, size, head, largest }: Looked): string | null {
  if (size === 0) return `“${name}” is empty (0 bytes): copy the recording from the camera again.`;
  if (largest !== null && size > largest)
    return `“${name}” is ${bytes(size)}, and at most ${bytes(largest)} can be sent here: export a smaller copy, 720p is plenty.`;
  const kind = kindOf(head);
  return kind === null ? null : `“${name}” is ${kind}: choose the video or sound recording itself.`;
}
