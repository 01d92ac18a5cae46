import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { announce } from "./announce.ts";
import { bindings, holderOf, keysOf, rebind, resetBindings } from "./key-bindings.ts";
import { keyName, pressed, type Shortcut, setSingleKeys, shortcuts, singleKeys } from "./keymap.ts";

interface Wish {
  shortcut: Shortcut;
  key: string | null; // null while one is waited for
  holder: Shortcut | null; // who has it now
}

/** Every shortcut of the page that is open; each can be given another key, and all single keys turned off. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const [wish, setWish] = useState<Wish | null>(null);
  const groups = new Map<string, Shortcut[]>();
  for (const shortcut of shortcuts.value)
    groups.set(shortcut.group, [...(groups.get(shortcut.group) ?? []), shortcut]);

  function give({ shortcut, key, holder }: Wish): void {
    if (key === null) return;
    rebind(shortcut, key, holder ?? undefined);
    announce(`${shortcut.label}: ${keyName(key)}`);
    setWish(null);
  }

  /** While a key is waited for, the next one is it, whatever it does elsewhere. */
  function onKeyDown(event: KeyboardEvent): void {
    if (!wish || wish.key !== null || event.key === "Tab") return;
    const key = pressed(event);
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") setWish(null);
    if (key === null || event.key === "Escape") return;
    const holder = holderOf(key, shortcuts.peek());
    const next = {
      shortcut: wish.shortcut,
      key,
      holder: holder?.id === wish.shortcut.id ? null : (holder ?? null),
    };
    if (next.holder) setWish(next);
    else give(next);
  }

  return (
    <Dialog
      title="Keyboard"
      onClose={() => {
        if (wish) setWish(null);
        else onClose();
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: hears the key pressed on the button that waits for it */}
      <div class="keys" onKeyDown={onKeyDown}>
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {members.map((shortcut) => (
                <Line key={shortcut.id} shortcut={shortcut} wish={wish} setWish={setWish} give={give} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="switch">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        />
        <span>
          Single-key shortcuts are on
          <small>
            Turn them off if you speak to your computer or a key is pressed by accident. They always rest
            while you type.
          </small>
        </span>
      </label>
      <div class="keys-foot">
        <p class="quiet">Press a key's button to choose another. Your choice is kept in this browser.</p>
        <button
          type="button"
          class="button small"
          disabled={Object.keys(bindings.value).length === 0}
          onClick={() => {
            resetBindings();
            announce("All keys are as they came.");
          }}
        >
          All keys as they came
        </button>
      </div>
    </Dialog>
  );
}

interface LineProps {
  shortcut: Shortcut;
  wish: Wish | null;
  setWish: (wish: Wish | null) => void;
  give: (wish: Wish) => void;
}

function Line({ shortcut, wish, setWish, give }: LineProps) {
  const keys = keysOf(shortcut);
  const names = keys.map((key, index) => (
    <Fragment key={key}>
      {index > 0 && <span class="unseen"> or </span>}
      <kbd>{keyName(key)}</kbd>
    </Fragment>
  ));
  const own = wish?.shortcut.id === shortcut.id ? wish : null;
  const waiting = own !== null && own.key === null;
  return (
    <div>
      <dt>
        {shortcut.fixed ? (
          <span class="key-names">{names}</span>
        ) : (
          <button
            type="button"
            class="key-button"
            aria-pressed={waiting}
            onClick={() => setWish(waiting ? null : { shortcut, key: null, holder: null })}
          >
            {waiting ? (
              <>
                <i>Press a key</i>
                <span class="unseen"> for {shortcut.label}</span>
              </>
            ) : (
              <>
                <span class="unseen">{shortcut.label}: </span>
                {names.length > 0 ? names : <i>none</i>}
                <span class="unseen"> Change</span>
              </>
            )}
          </button>
        )}
      </dt>
      <dd>
        {shortcut.label}
        {own?.key && own.holder && (
          <span class="key-clash" role="alert">
            {keyName(own.key)} is “{own.holder.label}”.{" "}
            <button type="button" class="button small" onClick={() => give(own)}>
              Use it here instead
            </button>{" "}
            <button type="button" class="button small plain" onClick={() => setWish(null)}>
              Leave it
            </button>
          </span>
        )}
      </dd>
    </div>
  );
}
