import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal on the browser's own `dialog`: it keeps focus inside, closes on Escape and gives focus back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; this is the click on the backdrop
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div>
        <button type="button" class="button plain icon dialog-close" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
        <h2 id={titleId}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children: ComponentChildren;
  verb: string;
  bad?: boolean;
  busy?: boolean;
  onYes: () => void;
  onNo: () => void;
}

/** Asks before something that cannot be taken back. The safe answer has the focus. */
export function Confirm({ title, children, verb, bad = false, busy = false, onYes, onNo }: ConfirmProps) {
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => no.current?.focus(), []);
  return (
    <Dialog title={title} onClose={onNo}>
      {children}
      <footer>
        <button ref={no} type="button" class="button" onClick={onNo}>
          Keep it
        </button>
        <button type="button" class={`button ${bad ? "bad" : "strong"}`} disabled={busy} onClick={onYes}>
          {verb}
        </button>
      </footer>
    </Dialog>
  );
}
