export const ARMS = ["own", "unassisted", "blind", "assisted", "final"] as const;
export const ESTIMANDS = ["these raters", "raters like these"] as const;

export interface Query {
  rubric: string | null;
  arm: (typeof ARMS)[number];
  since: string | null;
  until: string | null;
  estimand: (typeof ESTIMANDS)[number];
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function day(text: string | null): string | null {
  return text && DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
}

/** The choices in the address; what it does not know falls back to the usual. */
export function readQuery(query: URLSearchParams): Query {
  const arm = query.get("arm");
  const estimand = query.get("estimand");
  return {
    rubric: query.get("rubric"),
    arm: ARMS.find((one) => one === arm) ?? "own",
    since: day(query.get("since")),
    until: day(query.get("until")),
    estimand: ESTIMANDS.find((one) => one === estimand) ?? "these raters",
  };
}

function parameters({ rubric, arm, since, until, estimand }: Query): string {
  const query = new URLSearchParams();
  if (rubric) query.set("rubric", rubric);
  if (arm !== "own") query.set("arm", arm);
  if (since) query.set("since", since);
  if (until) query.set("until", until);
  if (estimand !== "these raters") query.set("estimand", estimand);
  const text = query.toString();
  return text ? `?${text}` : "";
}

export function agreementAddress(query: Query): string {
  return `/agreement${parameters(query)}`;
}

export function csvAddress(table: string, query: Query): string {
  return `/api/agreement/${table}.csv${parameters(query)}`;
}
