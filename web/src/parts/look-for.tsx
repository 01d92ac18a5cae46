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

const SHAPES: Record<IndicatorId, preact.JSX.Element> = {
  youth_voice: <circle cx="6" cy="6" r="4.6" />,
  stem_relevance: <path d="M6 .6 11.4 6 6 11.4.6 6z" />,
  purposeful_questions: <path d="M6 1.2 11.3 10.8H.7z" />,
};

export function Glyph({ of, size = 12 }: { of: IndicatorId; size?: number }) {
  return (
    <svg
      class={`glyph ${LOOK_FORS[of].tone}`}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[of]}
    </svg>
  );
}
