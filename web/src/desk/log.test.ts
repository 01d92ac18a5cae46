import assert from "node:assert/strict";
import { test } from "node:test";
import { createShelf } from "../app/shelf.ts";
import { storage } from "../app/storage.fake.ts";
import type { ActCreate } from "./types.ts";

/** A service that keeps the first value it gets under an id, as the real one, and loses its first answer. */
function service() {
  const held = new Map<string, ActCreate>();
  let lost = false;
  class Asked extends Request {
    constructor(address: string, init?: RequestInit) {
      super(new URL(address, "http://desk.test"), init);
    }
  }
  const fetched = async (asked: Request) => {
    const { acts } = (await asked.json()) as { acts: ActCreate[] };
    const results = acts.map((one) => {
      const status = held.has(one.id) ? "already" : "saved";
      if (status === "saved") held.set(one.id, one);
      return { id: one.id, status };
    });
    if (!lost) {
      lost = true;
      throw new TypeError("the line went dead");
    }
    const answer = { results, seq: held.size, state: "open", revealed: [], missing: [], saved_at: "" };
    return new Response(JSON.stringify(answer), { headers: { "content-type": "application/json" } });
  };
  Object.assign(globalThis, { window: new EventTarget(), Request: Asked, fetch: fetched });
  return {
    text: () => [...held.values()].filter(({ subject }) => subject === "note").at(-1)?.value?.text,
    async settled() {
      for (let i = 0; i < 20; i += 1) await new Promise((done) => setTimeout(done));
    },
  };
}

test("a text written on after an answer was lost reaches the service", async (t) => {
  const there = service();
  const { createLog } = await import("./log.ts");
  const log = createLog(
    "r1",
    createShelf<ActCreate>("r1", storage()),
    () => {},
    () => assert.fail(),
  );
  t.after(log.dispose);
  log.act("note", "note", { text: "Wa" });
  await there.settled();
  assert.equal(log.saving.value.state, "offline");
  log.act("note", "note", { text: "Wait" });
  log.act("note", "note", { text: "Wait time" });
  assert.equal(log.waiting.value.length, 2); // what may have arrived, and what was written since
  log.tryNow();
  await there.settled();
  assert.equal(there.text(), "Wait time");
  assert.equal(log.waiting.value.length, 0);
});
