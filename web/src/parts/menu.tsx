import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

export interface MenuItem {
  label: string;
  icon: IconName;
  run?: () => void;
  href?: string; // a download in place of `run`
  bad?: boolean;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  text?: string; // shown in place of the three dots
}

/** A menu button after the ARIA pattern: arrows move, Escape closes and gives the focus back. */
export function Menu({ label, items, text }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    focusItem(0);
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  function entries(): HTMLElement[] {
    return [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  }

  function focusItem(index: number): void {
    const all = entries();
    all[(index + all.length) % all.length]?.focus();
  }

  function close(): void {
    setOpen(false);
    button.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const at = entries().indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, () => void> = {
      ArrowDown: () => focusItem(at + 1),
      ArrowUp: () => focusItem(at - 1),
      Home: () => focusItem(0),
      End: () => focusItem(-1),
      Escape: close,
      Tab: () => setOpen(false),
    };
    const move = moves[event.key];
    if (!move) return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
    move();
  }

  return (
    <div class="menu" ref={root}>
      <button
        ref={button}
        type="button"
        class={text ? "button small" : "button plain icon"}
        aria-label={text ? undefined : label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {text ? (
          <>
            {text}
            <Icon name="caret" size={16} />
          </>
        ) : (
          <Icon name="more" />
        )}
      </button>
      {open && (
        <div id={id} class="menu-list" role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <Entry key={item.label} item={item} onDone={close} />
          ))}
        </div>
      )}
    </div>
  );
}

function Entry({ item, onDone }: { item: MenuItem; onDone: () => void }) {
  const inside = (
    <>
      <Icon name={item.icon} size={18} />
      {item.label}
    </>
  );
  if (item.href)
    return (
      <a role="menuitem" tabIndex={-1} href={item.href} download onClick={onDone}>
        {inside}
      </a>
    );
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      class={item.bad ? "bad" : undefined}
      onClick={() => {
        onDone();
        item.run?.();
      }}
    >
      {inside}
    </button>
  );
}
