import { DetailedError, Upload } from "tus-js-client";
import { asProblem, type Problem, problemFrom } from "../api/problem.ts";

/** Small enough that a lost connection or a proxy's time limit costs little, large enough to run at full speed. */
const CHUNK_BYTES = 16 * 1024 * 1024;

export interface TransferEvents {
  onAddress: (url: string) => void;
  onProgress: (sent: number) => void;
  onDone: (url: string) => void;
  /** The service no longer has the upload that was to go on; nothing was sent. */
  onGone: () => void;
  /** The upload on the server, where there is one, stays: the same call with its address goes on from there. */
  onStop: (problem: Problem) => void;
}

export interface Transfer {
  pause: () => void;
}

/** Sends a file by the tus protocol, from where the upload at `url` stands if there is one. */
export function startTransfer(file: File, url: string | null, events: TransferEvents): Transfer {
  const upload = new Upload(file, {
    // Given both, tus-js-client answers any refused HEAD, even a 503, by sending the whole file as a new upload.
    endpoint: url ? null : "/api/uploads",
    uploadUrl: url,
    chunkSize: CHUNK_BYTES,
    retryDelays: null, // when to try again is the queue's to decide: it shows it
    storeFingerprintForResuming: false, // resume.ts keeps the address and checks the bytes
    metadata: { filename: file.name, filetype: file.type },
    onUploadUrlAvailable: () => {
      if (upload.url) events.onAddress(upload.url);
    },
    onProgress: (sent) => events.onProgress(sent),
    onSuccess: () => events.onDone(upload.url ?? ""),
    onError: (error) => (gone(error) ? events.onGone() : events.onStop(problemOf(error))),
  });
  upload.start();
  return { pause: () => void upload.abort(false) };
}

function gone(error: Error): boolean {
  if (!(error instanceof DetailedError) || error.originalRequest.getMethod() !== "HEAD") return false;
  return [404, 410].includes(error.originalResponse?.getStatus() ?? 0);
}

function problemOf(error: Error): Problem {
  const answer = error instanceof DetailedError ? error.originalResponse : null;
  if (!answer || answer.getStatus() === 0) return asProblem(error);
  let body: unknown = null;
  try {
    body = JSON.parse(answer.getBody());
  } catch {
    // Not ours: a proxy's page. The status alone speaks.
  }
  return problemFrom(answer.getStatus(), body);
}
