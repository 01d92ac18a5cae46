import type { IndicatorId } from "../api/types.ts";
import { LOOK_FORS } from "./look-fors.ts";

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
