const DAY_MS = 86_400_000;

/** When something is due, as a person would say it; the day is the reader's own. */
export function due(iso: string, now: number = Date.now(), locale = "en"): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return "";
  const days = Math.round((startOfDay(at) - startOfDay(now)) / DAY_MS);
  if (at < now) return days === 0 ? "was due today" : `overdue by ${days === -1 ? "1 day" : `${-days} days`}`;
  if (days === 0) return "due today";
  if (days === 1) return "due tomorrow";
  if (days < 15) return `due in ${days} days`;
  return `due ${new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(at)}`;
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
