export const PAGE_SIZE = 25;

export const SHOWN = {
  all: "All",
  unassigned: "Nobody assigned",
  waiting: "Waiting for reviewers",
  overdue: "Overdue",
  differs: "Reviewers differ",
  done: "Done",
  blocked: "Could not be prepared",
} as const;

export const SORTED = {
  due: "Due first",
  "-created_at": "Newest first",
  created_at: "Oldest first",
  title: "Title",
  second_read: "Second read worth most",
} as const;

export interface Query {
  q: string;
  show: keyof typeof SHOWN;
  sort: keyof typeof SORTED;
  page: number;
}

/** The choices in the address; what it does not know falls back to the usual. */
export function readQueueQuery(query: URLSearchParams): Query {
  const show = query.get("show") ?? "all";
  const sort = query.get("sort") ?? "due";
  const page = Number(query.get("page") ?? 1);
  return {
    q: query.get("q") ?? "",
    show: show in SHOWN ? (show as Query["show"]) : "all",
    sort: sort in SORTED ? (sort as Query["sort"]) : "due",
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

export function queueAddress({ q, show, sort, page }: Query): string {
  const query = new URLSearchParams();
  if (q) query.set("q", q);
  if (show !== "all") query.set("show", show);
  if (sort !== "due") query.set("sort", sort);
  if (page > 1) query.set("page", String(page));
  const text = query.toString();
  return text ? `/queue?${text}` : "/queue";
}
