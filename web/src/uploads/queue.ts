import { signal } from "@preact/signals";
import { ask, client, sessionLost } from "../api/client.ts";
import { backOff } from "../api/events.ts";
import { asProblem, Problem } from "../api/problem.ts";
import type { Submission } from "../api/types.ts";
import { announce } from "../app/announce.ts";
import { addSample, bytesPerSecond, type Sample } from "./rate.ts";
import { HEAD_BYTES, refusal } from "./refuse.ts";
import {
  forget,
  markWhole,
  readUnfinished,
  remember,
  sampleOf,
  type Unfinished,
  unfinishedFor,
} from "./resume.ts";
import type { Transfer } from "./transfer.ts";

export type UploadState =
  | "queued"
  | "uploading"
  | "waiting" // tries again by itself
  | "paused"
  | "finishing" // all sent; the service is being asked to start
  | "done"
  | "failed" // only the person can mend it
  | "unfinished"; // from before a reload: needs the same file again

export interface UploadRow {
  key: string;
  name: string;
  size: number;
  state: UploadState;
  sent: number;
  speed: number | null; // bytes a second
  problem: Problem | null;
  retryAt: number | null;
  submission: string | null;
}

interface Work {
  file: File | null;
  url: string | null;
  finished: string | null; // the address once all bytes are there: only handing in is left
  sample: number;
  samples: readonly Sample[];
  transfer: Transfer | null;
  run: number; // what an earlier run still has to say is not listened to
  tries: number;
  retry: ReturnType<typeof setTimeout> | undefined;
}

export const uploads = signal<readonly UploadRow[]>([]);

/** One sentence for each file that was not even begun. */
export const refused = signal<readonly string[]>([]);

const work = new Map<string, Work>();
let largest: Promise<number | null> | null = null;
let keys = 0;
let started: (submission: Submission) => void = () => {};

export function onSubmissionStarted(listener: (submission: Submission) => void): () => void {
  started = listener;
  return () => {
    started = () => {};
  };
}

function patch(key: string, change: Partial<UploadRow>): void {
  uploads.value = uploads.peek().map((row) => (row.key === key ? { ...row, ...change } : row));
}

function row(key: string): UploadRow | undefined {
  return uploads.peek().find((one) => one.key === key);
}

/** The row of the upload with this address. */
function rowOf(url: string): UploadRow | undefined {
  return uploads.peek().find(({ key }) => key === url || work.get(key)?.url === url);
}

/** What the service says it takes at most; null where it does not say. */
function largestTaken(): Promise<number | null> {
  largest ??= fetch("/api/uploads", { method: "OPTIONS" }).then(
    (answer) => Number(answer.headers.get("Tus-Max-Size")) || null,
    () => null,
  );
  return largest;
}

/** Looks at each file, refuses what is certainly no recording, and queues the rest. */
export async function addFiles(files: readonly File[]): Promise<void> {
  refused.value = [];
  const limit = await largestTaken();
  const unfinished = readUnfinished(localStorage, Date.now());
  const no: string[] = [];
  for (const file of files) {
    let head: Uint8Array;
    try {
      head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    } catch {
      no.push(`“${file.name}” cannot be read: it was moved, or it is a folder.`);
      continue;
    }
    const why = refusal({ name: file.name, size: file.size, head, largest: limit });
    if (why) {
      no.push(why);
      continue;
    }
    const sample = await sampleOf(file);
    enqueue(file, sample, unfinishedFor(unfinished, file.size, sample));
  }
  refused.value = no;
  next();
}

function workOn(file: File | null, sample: number, from: Unfinished | undefined): Work {
  return {
    ...{ file, url: from?.url ?? null, finished: from?.whole ? from.url : null, sample, samples: [] },
    ...{ transfer: null, run: 0, tries: 0, retry: undefined },
  };
}

function enqueue(file: File, sample: number, from: Unfinished | undefined): void {
  const resting = from && rowOf(from.url);
  // The same file is on its way already.
  if (resting && !["unfinished", "paused", "failed"].includes(resting.state)) return;
  const key = resting?.key ?? `new-${++keys}`;
  work.set(key, workOn(file, sample, from));
  if (resting) {
    patch(key, { state: "queued", problem: null });
    return;
  }
  const fresh: UploadRow = {
    ...{ key, name: file.name, size: file.size, state: "queued", sent: 0 },
    ...{ speed: null, problem: null, retryAt: null, submission: null },
  };
  uploads.value = [...uploads.peek(), fresh];
}

/** One at a time: two share one line and both take twice as long. */
function next(): void {
  const busy = uploads.peek().some((one) => one.state === "uploading" || one.state === "finishing");
  const waiting = uploads.peek().find((one) => one.state === "queued");
  if (!busy && waiting) void begin(waiting.key);
}

async function begin(key: string): Promise<void> {
  const job = work.get(key);
  if (!job) return;
  if (job.finished) return finish(key, job.finished); // at most the answer is missing
  const { file } = job;
  if (!file) {
    patch(key, { state: "unfinished", problem: null, retryAt: null });
    return next();
  }
  halt(job);
  const { run } = job;
  patch(key, { state: "uploading", problem: null, retryAt: null, speed: null });
  job.samples = [];
  try {
    const { startTransfer } = await import("./transfer.ts");
    if (job.run !== run) return; // paused or taken out meanwhile, and perhaps begun again
    job.transfer = startTransfer(file, job.url, {
      onAddress: (url) => {
        if (job.run !== run) return;
        if (job.url && job.url !== url) forget(localStorage, Date.now(), job.url);
        job.url = url;
        const begun = Date.now();
        remember(localStorage, begun, { url, name: file.name, size: file.size, sample: job.sample, begun });
      },
      onProgress: (sent) => {
        if (job.run !== run) return;
        job.tries = 0;
        job.samples = addSample(job.samples, { at: performance.now(), sent });
        patch(key, { sent, speed: bytesPerSecond(job.samples) });
      },
      onDone: (url) => {
        if (job.run === run) void finish(key, url);
      },
      onGone: () => {
        if (job.run !== run) return;
        dropAddress(job); // not handed in by this page: beginning anew makes no second submission of it
        requeue(key);
      },
      onStop: (problem) => {
        if (job.run === run) stopped(key, problem);
      },
    });
  } catch (error) {
    if (job.run === run) stopped(key, asProblem(error)); // the part of the program that sends did not arrive
  }
}

/** Ends the run under way, also one that still waits for its program. */
function halt(job: Work): void {
  clearTimeout(job.retry);
  job.run += 1;
  job.transfer?.pause();
  job.transfer = null;
}

/** Asked again for the same upload, the service answers with the submission it has made of it. */
async function finish(key: string, url: string): Promise<void> {
  const job = work.get(key);
  const at = row(key);
  if (!job || !at) return;
  job.finished = url;
  markWhole(localStorage, Date.now(), url, true);
  patch(key, { state: "finishing", sent: at.size, speed: null, problem: null, retryAt: null });
  const id = decodeURIComponent(new URL(url, window.location.href).pathname.split("/").at(-1) ?? "");
  try {
    const submission = await ask(client.POST("/api/submissions", { body: { upload_id: id } }));
    forget(localStorage, Date.now(), url);
    patch(key, { state: "done", submission: submission.id, problem: null });
    announce(`${at.name} is uploaded and is being processed.`);
    started(submission);
    next();
  } catch (error) {
    const problem = asProblem(error);
    if (problem.code === "upload.unfinished") {
      // The service lost bytes that it had acknowledged: ask it how many are left, and send the rest.
      job.finished = null;
      markWhole(localStorage, Date.now(), url, false);
      patch(key, { sent: 0 });
    }
    stopped(key, problem.status === 404 || problem.status === 410 ? handedInOrGone(problem) : problem);
  }
}

/** After a lost answer nobody but the person can tell; to send the file again by itself could make it twice. */
function handedInOrGone({ status, code }: Problem): Problem {
  return new Problem({
    ...{ status, code, detail: "All of it was sent, but the service no longer has this upload." },
    remedy: "Look whether it is in the list of submissions; if it is not, choose the file again.",
  });
}

const HOPELESS = new Set([400, 403, 404, 410, 413, 415, 422, 507]);

/** Decides whether to try again by itself, and shows when. */
function stopped(key: string, problem: Problem): void {
  const job = work.get(key);
  const at = row(key);
  if (!job || !at || at.state === "paused") return;
  if (problem.signedOut) {
    sessionLost.value = true;
    patch(key, { state: "paused", problem, speed: null });
    next();
    return;
  }
  if (HOPELESS.has(problem.status)) {
    if (problem.status === 404 || problem.status === 410) dropAddress(job);
    patch(key, { state: "failed", problem, speed: null });
    announce(
      job.finished
        ? `${at.name}: ${problem.detail} ${problem.remedy}`
        : `${at.name} was not uploaded. ${problem.detail}`,
    );
    next();
    return;
  }
  const wait = backOff(job.tries);
  job.tries += 1;
  patch(key, { state: "waiting", problem, speed: null, retryAt: Date.now() + wait });
  job.retry = setTimeout(() => requeue(key), wait);
}

function dropAddress(job: Work): void {
  if (job.url) forget(localStorage, Date.now(), job.url);
  job.url = null;
}

function requeue(key: string): void {
  const job = work.get(key);
  if (!job) return;
  clearTimeout(job.retry);
  patch(key, { state: "queued", retryAt: null });
  next();
}

export function pauseUpload(key: string): void {
  const job = work.get(key);
  if (job) halt(job);
  patch(key, { state: "paused", speed: null, problem: null, retryAt: null });
  next();
}

/** Goes on after a pause, or tries once more after a failure. */
export function resumeUpload(key: string): void {
  const job = work.get(key);
  if (job) job.tries = 0;
  requeue(key);
}

/** Stops an upload and has the server drop what it has of it. */
export async function cancelUpload(key: string): Promise<void> {
  const job = work.get(key);
  const url = job?.url ?? (row(key)?.state === "unfinished" ? key : null);
  if (job) halt(job);
  dismissUpload(key);
  if (!url) return;
  forget(localStorage, Date.now(), url);
  // If this does not get through, the server drops stale uploads by itself.
  await fetch(url, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } }).catch(() => undefined);
}

/** Takes a row that has come to its end out of the tray. */
export function dismissUpload(key: string): void {
  work.delete(key);
  uploads.value = uploads.peek().filter((one) => one.key !== key);
  next();
}

/** Gives an unfinished upload its file back; a sentence where it is another file. */
export async function giveFile(key: string, file: File): Promise<string | null> {
  const one = readUnfinished(localStorage, Date.now()).find((kept) => kept.url === key);
  if (!one) return "That upload is gone from the server. Choose the file again to upload it anew.";
  const sample = await sampleOf(file);
  if (file.size !== one.size || sample !== one.sample)
    return `“${file.name}” is not the file that was begun (or your phone made a new copy of it). Discard the unfinished upload and send it from the start.`;
  enqueue(file, sample, one);
  next();
  return null;
}

/** After a reload: shows what was begun, as far as the server still has it. */
export async function showUnfinished(): Promise<void> {
  for (const one of readUnfinished(localStorage, Date.now())) {
    if (rowOf(one.url)) continue;
    const answer = await fetch(one.url, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" } }).catch(
      () => null,
    );
    // A whole upload that is 410 was moved in without its submission: handing in again mends that.
    if (answer && (answer.status === 404 || (answer.status === 410 && !one.whole))) {
      forget(localStorage, Date.now(), one.url);
      continue;
    }
    if (rowOf(one.url)) continue; // chosen again while the service was asked
    const sent = one.whole ? one.size : Number(answer?.headers.get("Upload-Offset")) || 0;
    if (one.whole) work.set(one.url, workOn(null, one.sample, one)); // needs no file to be handed in
    const resting: UploadRow = {
      ...{ key: one.url, name: one.name, size: one.size, state: one.whole ? "queued" : "unfinished", sent },
      ...{ speed: null, problem: null, retryAt: null, submission: null },
    };
    uploads.value = [...uploads.peek(), resting];
  }
  next();
}

/** Leaving would interrupt something; what is sent stays sent. */
export function uploadsUnderWay(): boolean {
  return uploads.peek().some((one) => ["queued", "uploading", "waiting", "finishing"].includes(one.state));
}

/** The network is back, or the person signed in again: no reason to sit out the wait. */
export function retryWaiting(): void {
  for (const one of uploads.peek()) if (one.state === "waiting") requeue(one.key);
}
