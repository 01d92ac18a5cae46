import type { components } from "../api/schema.d.ts";
import type { Protocol } from "../desk/types.ts";

export type Program = components["schemas"]["ProgramRead"];
export type ProgramPatch = components["schemas"]["ProgramPatch"];

export interface ProtocolWords {
  label: string;
  does: string; // what a reviewer meets
  gains: string;
  costs: string;
}

export const PROTOCOLS: Record<Protocol, ProtocolWords> = {
  blind_then_reveal: {
    label: "First score blind, then suggestions",
    does: "Reviewers score a criterion on their own; then the suggestions for it open. A score changed after that is kept beside the first one, with the reason for the change.",
    gains:
      "Every first score is the reviewer's own, so agreement can be measured, and what suggestions change is seen.",
    costs: "The first time through, nothing points the way. Most of a recording has to be watched.",
  },
  assisted: {
    label: "With suggestions",
    does: "Reviewers see every suggestion from the start and decide on each one.",
    gains: "The quickest way through a recording.",
    costs:
      "Suggestions pull scores towards themselves. How far cannot be known from these reviews alone, and the machine's scoring model does not learn from them.",
  },
  unassisted: {
    label: "Without suggestions",
    does: "Reviewers mark every moment themselves and never see a suggestion in that review.",
    gains: "Scores that nothing but the recording has led: the ones to compare others with.",
    costs: "The slowest way, and nothing is learned about how good suggestions are.",
  },
};
export const PROTOCOL_ORDER: readonly Protocol[] = ["blind_then_reveal", "assisted", "unassisted"];

/** The form as it is typed in, before it is known to make sense. */
export interface Draft {
  protocol: Protocol;
  share: string; // per cent
  windows: string;
  days: string;
}

export function draftOf(program: Program): Draft {
  return {
    protocol: program.protocol,
    share: String(Math.round(program.unassisted_share * 1000) / 10),
    windows: String(program.audit_windows),
    days: String(program.due_business_days),
  };
}

interface Field {
  label: string;
  low: number;
  high: number;
  whole: boolean;
}

export const FIELDS: Record<"share" | "windows" | "days", Field> = {
  share: { label: "Reviews kept without suggestions", low: 0, high: 100, whole: false },
  windows: { label: "Stretches to check", low: 0, high: 20, whole: true },
  days: { label: "Working days", low: 1, high: 90, whole: true },
};

/** What is wrong with one field, in a sentence; null where nothing is. */
export function wrongWith(name: keyof typeof FIELDS, typed: string): string | null {
  const { low, high, whole } = FIELDS[name];
  const value = Number(typed.trim().replace(",", "."));
  const fits = typed.trim() !== "" && Number.isFinite(value) && value >= low && value <= high;
  if (fits && (!whole || Number.isInteger(value))) return null;
  return `Give a ${whole ? "whole number" : "number"} from ${low} to ${high}.`;
}

function numberOf(typed: string): number {
  return Number(typed.trim().replace(",", "."));
}

export interface ProgramChange {
  label: string;
  from: string;
  to: string;
}

/** What saving would change: for the service, and in words. The draft has nothing wrong with it. */
export function changesIn(
  program: Program,
  draft: Draft,
): { patch: ProgramPatch; told: readonly ProgramChange[] } {
  const patch: ProgramPatch = {};
  const told: ProgramChange[] = [];
  if (draft.protocol !== program.protocol) {
    patch.protocol = draft.protocol;
    told.push({
      label: "Protocol",
      from: PROTOCOLS[program.protocol].label,
      to: PROTOCOLS[draft.protocol].label,
    });
  }
  const was = draftOf(program);
  if (numberOf(draft.share) !== numberOf(was.share)) {
    patch.unassisted_share = numberOf(draft.share) / 100;
    told.push({ label: FIELDS.share.label, from: `${was.share} %`, to: `${numberOf(draft.share)} %` });
  }
  if (numberOf(draft.windows) !== program.audit_windows) {
    patch.audit_windows = numberOf(draft.windows);
    told.push({ label: FIELDS.windows.label, from: was.windows, to: String(patch.audit_windows) });
  }
  if (numberOf(draft.days) !== program.due_business_days) {
    patch.due_business_days = numberOf(draft.days);
    told.push({ label: FIELDS.days.label, from: was.days, to: String(patch.due_business_days) });
  }
  return { patch, told };
}

const SATURDAY = 6;

/** The day that many working days later, as the service counts: without Saturdays and Sundays; it knows no holidays. */
export function workingDaysAfter(start: Date, days: number): Date {
  const day = new Date(start);
  for (let left = days; left > 0; ) {
    day.setDate(day.getDate() + 1);
    if (day.getDay() % SATURDAY !== 0) left -= 1;
  }
  return day;
}

/** `1 in 5`, where that is near enough to say. */
export function inWords(percent: number): string {
  if (percent === 0) return "none";
  if (percent === 100) return "every one";
  const of = 100 / percent;
  return Math.abs(of - Math.round(of)) < 0.05
    ? `about 1 in ${Math.round(of)}`
    : `about ${Math.round(percent)} in 100`;
}
