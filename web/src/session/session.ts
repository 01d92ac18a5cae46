import { signal } from "@preact/signals";
import { ask, client, sessionLost } from "../api/client.ts";
import { startEvents, stopEvents } from "../api/events.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Me } from "../api/types.ts";

export type Session =
  | { state: "asking" }
  | { state: "in"; me: Me }
  | { state: "out" }
  | { state: "unreachable"; problem: Problem };

export const session = signal<Session>({ state: "asking" });

function enter(me: Me): void {
  sessionLost.value = false;
  session.value = { state: "in", me };
  startEvents();
}

export async function askWhoAmI(): Promise<void> {
  session.value = { state: "asking" };
  try {
    enter(await ask(client.GET("/api/me")));
  } catch (error) {
    const problem = asProblem(error);
    sessionLost.value = false; // nothing was lost: there was none yet
    session.value = problem.signedOut ? { state: "out" } : { state: "unreachable", problem };
  }
}

export async function signIn(token: string): Promise<void> {
  enter(await ask(client.POST("/api/session", { body: { token } })));
}

export async function signOut(): Promise<void> {
  await ask(client.DELETE("/api/session"));
  stopEvents();
  session.value = { state: "out" };
}

type RoleId = Me["roles"][number];
const UPLOADERS: readonly RoleId[] = ["educator", "staff", "admin"];
const REVIEWERS: readonly RoleId[] = ["reviewer", "staff", "admin"];
const ASSIGNERS: readonly RoleId[] = ["staff", "admin"];
const RESEARCHERS: readonly RoleId[] = ["researcher", "staff", "admin"];

function has(roles: readonly RoleId[]): boolean {
  const now = session.value;
  return now.state === "in" && now.me.roles.some((role) => roles.includes(role));
}

/** Whether this person hands recordings in and looks after them. The service decides; these only hide dead ends. */
export function mayUpload(): boolean {
  return has(UPLOADERS);
}

export function mayReview(): boolean {
  return has(REVIEWERS);
}

export function mayAssign(): boolean {
  return has(ASSIGNERS);
}

export function mayResearch(): boolean {
  return has(RESEARCHERS);
}

/** Somebody who sees figures alone: no recording is theirs to open. */
export function onlyResearches(): boolean {
  const now = session.value;
  return now.state === "in" && now.me.roles.every((role) => role === "researcher");
}
