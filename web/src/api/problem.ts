/** What went wrong and what to do, as the service says it (RFC 9457) or as the page has to. */
export class Problem extends Error {
  readonly status: number; // HTTP; 0 where no answer came
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;

  constructor(given: { status: number; code: string; detail: string; remedy: string }) {
    super(given.detail);
    this.name = "Problem";
    this.status = given.status;
    this.code = given.code;
    this.detail = given.detail;
    this.remedy = given.remedy;
  }

  get signedOut(): boolean {
    return this.status === 401;
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

export const UNREACHABLE = {
  status: 0,
  code: "unreachable",
  detail: "The service did not answer.",
  remedy: "Check the connection; the page tries again by itself.",
};

const BY_STATUS: Record<number, { detail: string; remedy: string }> = {
  401: { detail: "You are signed out.", remedy: "Open your sign-in link again." },
  403: { detail: "Your account may not do this.", remedy: "Ask the person who runs Lookfors here." },
  404: { detail: "There is nothing here.", remedy: "It may have been deleted." },
  413: {
    detail: "The server refuses a file of this size.",
    remedy: "Export a smaller copy, or ask for the limit to be raised.",
  },
  502: { detail: "The service is not running or is starting.", remedy: "Wait a moment and try again." },
  503: { detail: "The service is busy or is starting.", remedy: "Wait a moment and try again." },
  504: { detail: "The service took too long to answer.", remedy: "Wait a moment and try again." },
  507: {
    detail: "The server has no room left.",
    remedy: "Ask the person who runs it to free some space, then try again.",
  },
};

function text(body: unknown, key: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value = (body as Record<string, unknown>)[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `body` is the parsed answer; anything but a problem document (a proxy's HTML page, say) falls back on the status. */
export function problemFrom(status: number, body: unknown): Problem {
  const known = BY_STATUS[status] ?? {
    detail: `The service answered with an error (${status}).`,
    remedy: "Try again; if it stays, tell the person who runs Lookfors here.",
  };
  return new Problem({
    status,
    code: text(body, "code") ?? `http_${status}`,
    detail: text(body, "detail") ?? known.detail,
    remedy: text(body, "remedy") ?? known.remedy,
  });
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(UNREACHABLE);
}
