import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { beforeEach, test } from "node:test";

/** The service as far as an upload meets it. `trouble` comes first: a status, or an answer that is lost. */
const service = {
  uploads: new Map<string, { length: number; offset: number }>(),
  submissions: new Map<string, string>(), // by upload
  log: [] as string[],
  received: 0, // bytes
  trouble: (_call: string): number | "lost before" | "lost after" | undefined => undefined,
};

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

function act(method: string, path: string, headers: Headers, body: Blob | string | null): Answer {
  const id = path.split("/").at(-1) ?? "";
  const upload = service.uploads.get(id);
  if (path === "/api/submissions" && typeof body === "string") {
    const { upload_id } = JSON.parse(body) as { upload_id: string };
    const whole = service.uploads.get(upload_id);
    if (whole && whole.offset < whole.length) return { status: 409, body: { code: "upload.unfinished" } };
    if (whole) service.submissions.set(upload_id, `of ${upload_id}`);
    service.uploads.delete(upload_id);
    const made = service.submissions.get(upload_id);
    return made ? { status: 202, body: { id: made } } : { status: 404, body: { code: "upload.none" } };
  }
  if (method === "OPTIONS") return { status: 204 };
  if (method === "POST") {
    const fresh = `u${service.log.length}`;
    service.uploads.set(fresh, { length: Number(headers.get("Upload-Length")), offset: 0 });
    return { status: 201, headers: { Location: `/api/uploads/${fresh}` } };
  }
  if (!upload) return { status: 404 };
  if (method === "PATCH" && body instanceof Blob) {
    assert.equal(Number(headers.get("Upload-Offset")), upload.offset);
    upload.offset += body.size;
    service.received += body.size;
  }
  return {
    status: method === "HEAD" ? 200 : 204,
    headers: { "Upload-Offset": `${upload.offset}`, "Upload-Length": `${upload.length}` },
  };
}

/** Null where no answer arrives. */
function serve(method: string, path: string, headers: Headers, body: Blob | string | null): Answer | null {
  const call = `${method} ${path.replace(/\/u\d+$/, "/*")}`;
  service.log.push(call);
  const trouble = service.trouble(call);
  if (typeof trouble === "number") return { status: trouble };
  if (trouble === "lost before") return null;
  const answer = act(method, path, headers, body);
  return trouble === "lost after" ? null : answer;
}

const HOME = "http://desk.test";
const pathOf = (url: string) => new URL(url, HOME).pathname;

class FakeXhr {
  readonly upload = {};
  status = 0;
  responseText = "";
  onload = () => {};
  onerror = (_error: Error) => {};
  #method = "";
  #url = "";
  #sent = new Headers();
  #got = new Headers();
  #aborted = false;
  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
  }
  setRequestHeader(name: string, value: string): void {
    this.#sent.set(name, value);
  }
  getResponseHeader(name: string): string | null {
    return this.#got.get(name);
  }
  abort(): void {
    this.#aborted = true;
  }
  send(body: Blob | null): void {
    const answer = serve(this.#method, pathOf(this.#url), this.#sent, body);
    setTimeout(() => {
      if (this.#aborted) return;
      if (!answer) return this.onerror(new Error("lost"));
      this.status = answer.status;
      this.#got = new Headers(answer.headers);
      this.responseText = JSON.stringify(answer.body ?? null);
      this.onload();
    });
  }
}

class HomeRequest extends Request {
  constructor(input: string, init?: RequestInit) {
    super(new URL(input, HOME), init);
  }
}

const kept = new Map<string, string>();
const globals = {
  XMLHttpRequest: FakeXhr,
  Request: HomeRequest,
  window: { location: { href: HOME } },
  localStorage: {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  },
  fetch: async (input: Request | string, init?: RequestInit): Promise<Response> => {
    const request = typeof input === "string" ? new HomeRequest(input, init) : input;
    const answer = serve(request.method, pathOf(request.url), request.headers, await request.text());
    if (!answer) throw new TypeError("lost");
    const body = answer.body === undefined ? null : JSON.stringify(answer.body);
    return new Response(body, { status: answer.status, headers: answer.headers ?? {} });
  },
};
for (const [name, value] of Object.entries(globals))
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

// What the desk is built with; Node would take the package's own variant for Node.
registerHooks({
  resolve: (name, context, next) =>
    next(name === "tus-js-client" ? "tus-js-client/lib.esm/browser/index.js" : name, context),
});
const queue = await import("./queue.ts");
const { readUnfinished, remember, sampleOf } = await import("./resume.ts");

const recording = new File([new Uint8Array(5_000)], "talk.mp4");
const SIZE = 5_000;

async function eventually(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), JSON.stringify({ rows: queue.uploads.value, log: service.log }));
}

const reaches = (state: string) => eventually(() => queue.uploads.value.at(-1)?.state === state);
const calls = (call: string) => service.log.filter((one) => one === call).length;
const last = () => {
  const found = queue.uploads.value.at(-1);
  assert.ok(found);
  return found;
};

/** Trouble for the first call of a kind only. */
function once(call: string, what: number | "lost before" | "lost after") {
  let met = false;
  return (made: string) => {
    if (made !== call || met) return undefined;
    met = true;
    return what;
  };
}

beforeEach(() => {
  for (const row of queue.uploads.value) queue.dismissUpload(row.key);
  kept.clear();
  service.uploads.clear();
  service.submissions.clear();
  service.log = [];
  service.received = 0;
  service.trouble = () => undefined;
});

for (const what of ["lost after", "lost before", 503, 504] as const)
  test(`a hand-in that is answered by ${what} is asked again, and no byte is sent twice`, async () => {
    service.trouble = once("POST /api/submissions", what);
    await queue.addFiles([recording]);
    await reaches("waiting");
    queue.retryWaiting();
    await reaches("done");
    assert.equal(service.received, SIZE);
    assert.equal(service.submissions.size, 1);
    assert.deepEqual(
      ["POST /api/submissions", "POST /api/uploads", "HEAD /api/uploads/*"].map(calls),
      [2, 1, 0],
    );
    assert.equal(last().submission, [...service.submissions.values()][0]);
    assert.deepEqual(readUnfinished(localStorage, Date.now()), []);
  });

test("a hand-in whose upload is gone says what to do; only choosing the file again sends it again", async () => {
  service.trouble = (call) => (call === "POST /api/submissions" ? 404 : undefined);
  await queue.addFiles([recording]);
  await reaches("failed");
  assert.match(last().problem?.remedy ?? "", /in the list.*choose the file again/);
  queue.resumeUpload(last().key);
  await eventually(() => calls("POST /api/submissions") === 2 && last().state === "failed");
  assert.equal(service.received, SIZE);
  service.trouble = () => undefined;
  await queue.addFiles([recording]);
  await reaches("done");
  assert.equal(calls("POST /api/uploads"), 2);
});

test("bytes that the service lost after acknowledging them are sent once more", async () => {
  service.trouble = (call) => {
    const [upload] = service.uploads.values();
    if (upload && call === "POST /api/submissions" && calls(call) === 1) upload.offset = 1_000;
    return undefined;
  };
  await queue.addFiles([recording]);
  await reaches("waiting");
  queue.retryWaiting();
  await reaches("done");
  assert.equal(service.received, SIZE + 4_000);
  assert.equal(calls("POST /api/uploads"), 1);
});

test("a service that is busy when asked how far it is makes nobody begin anew", async () => {
  service.trouble = once("PATCH /api/uploads/*", "lost after");
  await queue.addFiles([recording]);
  await reaches("waiting");
  service.trouble = once("HEAD /api/uploads/*", 503);
  queue.retryWaiting();
  await eventually(() => calls("HEAD /api/uploads/*") === 1 && last().state === "waiting");
  queue.retryWaiting();
  await reaches("done");
  assert.equal(calls("POST /api/uploads"), 1);
  assert.equal(service.received, SIZE);
});

test("an upload that is gone before it was handed in begins anew", async () => {
  service.trouble = once("PATCH /api/uploads/*", "lost before");
  await queue.addFiles([recording]);
  await reaches("waiting");
  service.uploads.clear();
  queue.retryWaiting();
  await reaches("done");
  assert.equal(calls("POST /api/uploads"), 2);
  assert.equal(service.submissions.size, 1);
});

test("Pause and Go on while the program that sends is still loading make one transfer", async () => {
  service.trouble = once("POST /api/uploads", "lost before");
  await queue.addFiles([recording]);
  await reaches("waiting");
  service.log = [];
  const { key } = last();
  for (let i = 0; i < 3; i += 1) {
    queue.pauseUpload(key);
    queue.resumeUpload(key);
  }
  await reaches("done");
  assert.equal(calls("POST /api/uploads"), 1);
  assert.equal(service.submissions.size, 1);
});

test("the same file chosen twice is one upload", async () => {
  service.trouble = once("PATCH /api/uploads/*", "lost after");
  await queue.addFiles([recording]);
  await reaches("waiting");
  await queue.addFiles([recording]);
  queue.retryWaiting();
  await reaches("done");
  assert.equal(queue.uploads.value.length, 1);
  assert.equal(service.submissions.size, 1);
});

test("after a reload a hand-in without an answer is asked again and needs no file", async () => {
  const unfinished = { name: "talk.mp4", size: SIZE, sample: await sampleOf(recording), begun: Date.now() };
  remember(localStorage, Date.now(), { ...unfinished, url: "/api/uploads/u1", whole: true });
  service.uploads.set("u1", { length: SIZE, offset: SIZE });
  service.trouble = (call) => (call === "HEAD /api/uploads/*" ? 410 : undefined); // moved in, and cut off there
  await queue.showUnfinished();
  await reaches("done");
  assert.equal(service.submissions.get("u1"), last().submission);
  assert.equal(service.received, 0);
});
