import { Dialog } from "../parts/dialog.tsx";
import { keyName, type Shortcut, setSingleKeys, shortcuts, singleKeys } from "./keymap.ts";

/** Every shortcut of the page that is open, and the switch that turns single keys off. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const groups = new Map<string, Shortcut[]>();
  for (const shortcut of shortcuts.value)
    groups.set(shortcut.group, [...(groups.get(shortcut.group) ?? []), shortcut]);
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div class="keys">
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {members.map((shortcut) => (
                <div key={shortcut.id}>
                  <dt>
                    {shortcut.keys.map((key) => (
                      <kbd key={key}>{keyName(key)}</kbd>
                    ))}
                  </dt>
                  <dd>{shortcut.label}</dd>
                </div>
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
    </Dialog>
  );
}
