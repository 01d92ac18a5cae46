import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Role } from "../api/types.ts";
import { Icon } from "../parts/icon.tsx";
import { ROLE_WORDS } from "../parts/look-fors.ts";
import type { Corrections } from "./types.ts";

type TurnMenuAt = NonNullable<Corrections["menu"]["value"]>;

const ROLES = Object.keys(ROLE_WORDS) as Role[];
const GAP_PX = 4;
const MARGIN_PX = 8;

/** The one menu of the transcript, beside whichever turn asked for it. */
export function TurnMenu({ corrections }: { corrections: Corrections }) {
  const at = corrections.menu.value;
  return at && <Open key={at.turn.id} at={at} corrections={corrections} />;
}

function Open({ at, corrections }: { at: TurnMenuAt; corrections: Corrections }) {
  const root = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  const { turn, button } = at;

  function settle(): void {
    const beside = button.getBoundingClientRect();
    const own = root.current?.getBoundingClientRect();
    if (!own) return;
    const below = beside.bottom + GAP_PX;
    const fits = below + own.height <= window.innerHeight - MARGIN_PX;
    const top = fits ? below : Math.max(MARGIN_PX, beside.top - GAP_PX - own.height);
    const left = Math.min(beside.left, window.innerWidth - own.width - MARGIN_PX);
    setPlace({ left: Math.max(MARGIN_PX, left), top });
  }

  useLayoutEffect(settle, [button]);

  useEffect(() => {
    entries()[0]?.focus({ preventScroll: true });
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) close(false);
    };
    const leave = () => close(false);
    const follow = () => {
      const { bottom, top: upper } = button.getBoundingClientRect();
      if (bottom < 0 || upper > window.innerHeight) leave();
      else settle();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("scroll", follow, { capture: true, passive: true });
    window.addEventListener("resize", leave);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("scroll", follow, { capture: true });
      window.removeEventListener("resize", leave);
    };
  }, []);

  function entries(): HTMLElement[] {
    return [...(root.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  }

  function close(back = true): void {
    corrections.menu.value = null;
    if (back) button.focus({ preventScroll: true });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const all = entries();
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") close(false);
    if (to === undefined && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (to === undefined) close();
    else all[(to + all.length) % all.length]?.focus();
  }

  const roles = (whole: boolean) => (
    <fieldset class="turn-menu-group">
      <legend>{whole ? "Every turn of this voice" : "This turn"}</legend>
      {ROLES.map((role) => (
        <button
          key={role}
          type="button"
          role="menuitemradio"
          aria-checked={!whole && role === turn.role}
          tabIndex={-1}
          onClick={() => {
            corrections.sayRole(turn, role, whole);
            corrections.menu.value = null;
          }}
        >
          <Icon name="person" size={16} />
          {ROLE_WORDS[role]}
          {!whole && role === turn.role && <Icon name="check" size={16} />}
        </button>
      ))}
    </fieldset>
  );

  return (
    <div
      ref={root}
      class="menu-list turn-menu"
      role="menu"
      aria-label="Correct this turn"
      tabIndex={-1}
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
      onKeyDown={onKeyDown}
    >
      {roles(false)}
      {turn.speaker !== null && roles(true)}
      <button
        type="button"
        role="menuitem"
        tabIndex={-1}
        onClick={() => {
          corrections.menu.value = null;
          corrections.edit(turn);
        }}
      >
        <Icon name="pencil" size={16} />
        Correct the words
      </button>
    </div>
  );
}
