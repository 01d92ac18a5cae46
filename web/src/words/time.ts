/** Media time as a reviewer writes it: `3:07`, `1:02:09`. Floors, so a moment never shows before it begins. */
export function clock(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return "–:––";
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** To a tenth of a second, for the ends of a moment: `3:07.4`. */
export function tenths(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return "–:––";
  const rounded = Math.round(Math.max(0, seconds) * 10);
  return `${clock(Math.floor(rounded / 10))}.${rounded % 10}`;
}

/** How long a recording is: rounded, as cameras show it, where a position floors. */
export function length(seconds: number): string {
  return clock(Math.round(seconds));
}

export function clockRange(start: number | null, end: number | null): string {
  if (start == null || end == null) return "no time known";
  const from = clock(start);
  const to = clock(end);
  return from === to ? from : `${from}–${to}`;
}

function unit(n: number, name: string): string {
  return `${n} ${name}${n === 1 ? "" : "s"}`;
}

/** Media time as a screen reader should say it: `3 minutes 7 seconds`. */
export function spokenTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor((whole % 3600) / 60), "minute"],
    [whole % 60, "second"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, name]) => unit(n, name));
  return said.length > 0 ? said.join(" ") : "0 seconds";
}

/** How long something will still take, no more exact than anyone can know. */
export function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 10) return "a few seconds left";
  if (seconds < 60) return `about ${Math.round(seconds / 10) * 10} s left`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min left`;
  const hours = Math.round(seconds / 360) / 10;
  return `about ${hours} h left`;
}

const STEPS: readonly [limit: number, size: number, name: Intl.RelativeTimeFormatUnit][] = [
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [14 * 86_400, 86_400, "day"],
];

/** `2 hours ago`; past two weeks the date itself. */
export function ago(iso: string, now: number = Date.now(), locale = "en"): string {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return "";
  const seconds = (now - then) / 1000;
  if (seconds < 60) return "just now";
  for (const [limit, size, name] of STEPS) {
    if (seconds < limit)
      return new Intl.RelativeTimeFormat(locale, { numeric: "always" }).format(
        -Math.floor(seconds / size),
        name,
      );
  }
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(then);
}

export function fullDate(iso: string, locale = "en"): string {
  const then = Date.parse(iso);
  return Number.isNaN(then)
    ? ""
    : new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" }).format(then);
}
