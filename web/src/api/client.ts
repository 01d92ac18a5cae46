import { signal } from "@preact/signals";
import createClient from "openapi-fetch";
import { asProblem, problemFrom } from "./problem.ts";
import type { paths } from "./schema.d.ts";

/** Turns true when any answer says that the session is over; the shell then offers the way back in. */
export const sessionLost = signal(false);

export const client = createClient<paths>({ baseUrl: "/" });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of a call, or a thrown `Problem`; an abort passes through as it is. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw asProblem(error);
  }
  if (!answer.response.ok) {
    if (answer.response.status === 401) sessionLost.value = true;
    throw problemFrom(answer.response.status, answer.error);
  }
  return answer.data as T;
}

export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Addresses a browser element loads by itself. */
export const address = {
  media: (id: string) => `/api/submissions/${encodeURIComponent(id)}/media`,
  captions: (id: string) => `/api/submissions/${encodeURIComponent(id)}/captions.vtt`,
  thumbnails: (id: string) => `/api/submissions/${encodeURIComponent(id)}/thumbnails.jpg`,
  original: (id: string) => `/api/submissions/${encodeURIComponent(id)}/original`,
  preannotation: (id: string) => `/api/submissions/${encodeURIComponent(id)}/preannotation`,
};
