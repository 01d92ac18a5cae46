import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "./refuse.ts";

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const looked = (head: Uint8Array, size = 5_000_000, largest: number | null = null) =>
  refusal({ name: "talk.mp4", size, head, largest });

test("what is certainly no recording is named for what it is", () => {
  assert.match(looked(latin("%PDF-1.7\n")) ?? "", /“talk\.mp4” is a PDF document/);
  assert.match(looked(latin("PK\x03\x04\x14\x00")) ?? "", /ZIP archive/);
  assert.match(looked(latin("#EXTM3U\n#EXT-X-VERSION:3\nhttp://x/y.ts\n")) ?? "", /playlist/);
  assert.match(looked(latin("Dear reviewers,\r\n\tthe video is coming.")) ?? "", /text file/);
  assert.match(looked(latin("\x00\x00\x00\x18ftypheic\x00\x00")) ?? "", /photo/);
  assert.match(looked(latin("\xff\xd8\xff\xe0\x00\x10JFIF")) ?? "", /picture/);
});

test("empty and oversize files are refused with their size", () => {
  assert.match(looked(new Uint8Array(), 0) ?? "", /0 bytes/);
  assert.match(
    looked(latin("\x00\x00\x00\x20ftypisom"), 9_100_000_000, 8_589_934_592) ?? "",
    /9\.1 GB.*at most 8\.6 GB/,
  );
});

test("recordings and unknown bytes go to the service", () => {
  for (const head of [
    "\x00\x00\x00\x20ftypisom", // MP4
    "\x00\x00\x00\x14ftypqt  ", // QuickTime
    "\x1aE\xdf\xa3\x01\x00\x00\x00", // WebM, Matroska
    "RIFF\x24\x08\x00\x00WAVEfmt ", // WAV
    "fLaC\x00\x00\x00\x22", // FLAC
    "OggS\x00\x02", // Ogg
    "ID3\x03\x00\x00", // MP3
    "\x00\x01\x02\x03\x04", // anything else
  ])
    assert.equal(looked(latin(head)), null, head);
});
