/** The sign of Lookfors: three lanes of evidence and the playhead. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 22 22" class="mark" aria-hidden="true" focusable="false">
      <g stroke-width="2.6" stroke-linecap="round">
        <path d="M4 18v-5" stroke="var(--voice)" />
        <path d="M9 18V5" stroke="var(--relevance)" />
        <path d="M14 18v-8" stroke="var(--questions)" />
      </g>
      <path d="M18.6 3v16" stroke="var(--ink)" stroke-width="1.5" stroke-linecap="round" />
    </svg>
  );
}
