const PATHS = {
  play: <path d="M6.5 4.2v11.6l9-5.8z" fill="currentColor" stroke-linejoin="round" />,
  pause: <path d="M6.5 4.5v11M13.5 4.5v11" stroke-width="2.6" />,
  back: <path d="M9.5 5.5 5 10l4.5 4.5M15 5.5 10.5 10l4.5 4.5" />,
  forward: <path d="M10.5 5.5 15 10l-4.5 4.5M5 5.5 9.5 10 5 14.5" />,
  left: <path d="m12 4.5-5.5 5.5 5.5 5.5" />,
  up: <path d="M10 16V4.5M5 9.5l5-5 5 5" />,
  down: <path d="M10 4v11.5M5 10.5l5 5 5-5" />,
  caret: <path d="m5.5 8 4.5 4.5L14.5 8" />,
  close: <path d="m5 5 10 10M15 5 5 15" />,
  more: <path d="M4.5 10h.01M10 10h.01M15.5 10h.01" stroke-width="2.8" />,
  search: <path d="M8.75 14a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5ZM12.6 12.6 16.5 16.5" />,
  upload: (
    <path d="M10 13V3.5M6 7.5l4-4 4 4M3.5 12.5v2.5a1.5 1.5 0 0 0 1.5 1.5h10a1.5 1.5 0 0 0 1.5-1.5v-2.5" />
  ),
  download: (
    <path d="M10 3.5V13M6 9l4 4 4-4M3.5 13.5v1.5A1.5 1.5 0 0 0 5 16.5h10a1.5 1.5 0 0 0 1.5-1.5v-1.5" />
  ),
  pencil: <path d="m4 16 .8-3.4L13 4.4a1.8 1.8 0 0 1 2.6 2.6L7.4 15.2z" />,
  bin: <path d="M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10M8.5 9v4M11.5 9v4" />,
  again: <path d="M15.8 8.2A6.2 6.2 0 1 0 16 11.5M16 4v4.3h-4.3" />,
  closer: (
    <path d="M8.75 14a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5ZM12.6 12.6 16.5 16.5M8.75 6.4v4.7M6.4 8.75h4.7" />
  ),
  whole: <path d="M3 6v8M17 6v8M5.5 10h9M8 7.5 5.5 10 8 12.5M12 7.5l2.5 2.5-2.5 2.5" />,
  undo: <path d="M4 8.5h8.2a4.2 4.2 0 0 1 0 8.4H8M4 8.5l3.6-3.7M4 8.5l3.6 3.7" />,
  warn: <path d="M10 3 2.5 16.5h15zM10 8v4M10 14.3v.01" />,
  info: <path d="M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.2v4M10 6.6v.01" />,
  check: <path d="m4 10.5 4 4 8-9" />,
  captions: <path d="M3.5 5h13v10h-13zM8.7 8.7a1.7 1.7 0 1 0 0 2.6M14 8.7a1.7 1.7 0 1 0 0 2.6" />,
  sound: <path d="M3.5 8v4H6l3.5 3V5L6 8zM12.5 7.5a3.5 3.5 0 0 1 0 5M14.8 5.2a6.8 6.8 0 0 1 0 9.6" />,
  mute: <path d="M3.5 8v4H6l3.5 3V5L6 8zM12.5 8l4 4M16.5 8l-4 4" />,
  full: <path d="M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4" />,
  keyboard: <path d="M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.5h7" />,
  contrast: (
    <>
      <circle cx="10" cy="10" r="6.5" />
      <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
    </>
  ),
  file: <path d="M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15" />,
  person: <path d="M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 16.5c.6-3.5 3-5 6-5s5.4 1.5 6 5" />,
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words or inside a named control: always hidden from screen readers. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  );
}
