import type { SubmissionState } from "../api/types.ts";

/** What the list shows, kept in the address so that it can be sent, bookmarked and gone back to. */
export interface ListQuery {
  q: string;
  state: SubmissionState | "";
  sort: Sort;
  page: number; // from 1
}

export const SORTS = {
  "-created_at": "Newest first",
  created_at: "Oldest first",
  title: "Title, A to Z",
  "-duration": "Longest first",
  duration: "Shortest first",
  state: "State",
} as const;
export type Sort = keyof typeof SORTS;

export const STATES: Record<SubmissionState, string> = {
  received: "In line",
  processing: "In work",
  ready: "Ready",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const PAGE_SIZE = 20;

export function readQuery(search: URLSearchParams): ListQuery {
  const state = search.get("state") ?? "";
  const sort = search.get("sort") ?? "";
  const page = Number(search.get("page"));
  return {
    q: search.get("q") ?? "",
    state: state in STATES ? (state as SubmissionState) : "",
    sort: sort in SORTS ? (sort as Sort) : "-created_at",
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** The address of a view; what is as usual is left out. */
export function listAddress(query: ListQuery): string {
  const search = new URLSearchParams();
  if (query.q) search.set("q", query.q);
  if (query.state) search.set("state", query.state);
  if (query.sort !== "-created_at") search.set("sort", query.sort);
  if (query.page > 1) search.set("page", String(query.page));
  const text = search.toString();
  return text ? `/?${text}` : "/";
}

export function narrowed(query: ListQuery): boolean {
  return query.q !== "" || query.state !== "";
}
