import type { IndicatorId, Role } from "../api/types.ts";

/** Every look-for has a colour, a shape and a word; no meaning hangs on the colour alone. */
export const LOOK_FORS: Record<IndicatorId, { label: string; short: string; tone: string }> = {
  youth_voice: { label: "Youth voice", short: "Voice", tone: "voice" },
  stem_relevance: { label: "STEM relevance", short: "Relevance", tone: "relevance" },
  purposeful_questions: { label: "Purposeful questions", short: "Questions", tone: "questions" },
};
export const LOOK_FOR_IDS = Object.keys(LOOK_FORS) as IndicatorId[];

export const ROLE_WORDS: Record<Role, string> = {
  facilitator: "Facilitator",
  youth: "Youth",
  unknown: "Unclear who",
};
