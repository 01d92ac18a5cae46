const BYTE_UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** Decimal units, as phones and cameras show them. */
export function bytes(n: number): string {
  let value = n;
  let step = 0;
  while (value >= 999.5 && step < BYTE_UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step < 2 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTE_UNITS[step]}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Measures speak in their own unit; one digit after the point is as much as an interval of this width bears. */
export function amount(value: number, unit: string): string {
  switch (unit) {
    case "share":
      return percent(value);
    case "seconds":
      return `${value.toFixed(1)} s`;
    case "per_10_min":
      return `${trim(value)} in 10 min`;
    case "count":
      return String(Math.round(value)); // a fraction of a time did not happen
    default:
      return `${trim(value)} ${unit.replaceAll("_", " ")}`;
  }
}

/** The interval, with its unit said once where that reads well. */
export function amountRange(low: number, high: number, unit: string): string {
  switch (unit) {
    case "share":
      return `${Math.round(low * 100)}–${percent(high)}`;
    case "seconds":
      return `${low.toFixed(1)}–${high.toFixed(1)} s`;
    default:
      return `${unit === "count" ? Math.round(low) : trim(low)}–${amount(high, unit)}`;
  }
}

function trim(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 10 ? String(Math.round(value)) : value.toFixed(1);
}
