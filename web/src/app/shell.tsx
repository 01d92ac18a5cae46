import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Me } from "../api/types.ts";
import { Icon } from "../parts/icon.tsx";
import { Mark } from "../parts/mark.tsx";
import { Menu } from "../parts/menu.tsx";
import { mayAssign, mayResearch, mayReview, mayUpload, onlyResearches, signOut } from "../session/session.ts";
import { DropTarget } from "../uploads/drop.tsx";
import { Tray } from "../uploads/tray.tsx";
import { spoken } from "./announce.ts";
import { Banner } from "./banner.tsx";
import { Boundary } from "./boundary.tsx";
import { readBindingsOf } from "./key-bindings.ts";
import { addShortcuts } from "./keymap.ts";
import { KeysDialog } from "./keys-dialog.tsx";
import { navigate, place } from "./router.ts";
import { type Theme, theme } from "./theme.ts";

const keysOpen = signal(false);

const NEXT_THEME: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
const THEME_WORDS: Record<Theme, string> = { auto: "as the system", light: "light", dark: "dark" };

function nextTheme(): void {
  theme.value = NEXT_THEME[theme.peek()];
}

function showKeys(): void {
  keysOpen.value = true;
}

/** What every page inside stands in: the bar, the banner, uploads, and the way to say something politely. */
export function Shell({ me, children }: { me: Me; children: ComponentChildren }) {
  useEffect(
    () =>
      addShortcuts([
        {
          id: "help",
          group: "Everywhere",
          label: "Show these keys",
          keys: ["?"],
          fixed: true,
          run: showKeys,
        },
      ]),
    [],
  );
  useEffect(() => readBindingsOf(me.id), [me.id]);
  const onList = place.value.path === "/";
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <a class="home" href="/" aria-label="Lookfors" aria-current={onList ? "page" : undefined}>
          <Mark />
          <span>Lookfors</span>
        </a>
        <nav aria-label="Main">
          {!onlyResearches() && (
            <a href="/" aria-current={onList ? "page" : undefined}>
              Submissions
            </a>
          )}
          {mayReview() && (
            <a href="/reviews" aria-current={place.value.path.startsWith("/reviews") ? "page" : undefined}>
              Reviews
            </a>
          )}
          {mayAssign() && (
            <a href="/queue" aria-current={place.value.path.startsWith("/queue") ? "page" : undefined}>
              Queue
            </a>
          )}
          {mayResearch() && (
            <a
              href="/agreement"
              class={mayAssign() ? "roomy" : undefined}
              aria-current={
                place.value.path === "/agreement" || (onList && onlyResearches()) ? "page" : undefined
              }
            >
              Agreement
            </a>
          )}
          <a class="roomy" href="/about" aria-current={place.value.path === "/about" ? "page" : undefined}>
            About
          </a>
        </nav>
        <div class="bar-end">
          <button
            type="button"
            class="button plain icon roomy"
            aria-label={`Colours: ${THEME_WORDS[theme.value]}. Change`}
            title={`Colours: ${THEME_WORDS[theme.value]}`}
            onClick={nextTheme}
          >
            <Icon name="contrast" />
          </button>
          <button
            type="button"
            class="button plain icon roomy"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={showKeys}
          >
            <Icon name="keyboard" />
          </button>
          <Menu
            label={`Account of ${me.name}`}
            text={me.name}
            items={[
              ...(mayResearch()
                ? [{ label: "Agreement", icon: "info" as const, run: () => navigate("/agreement") }]
                : []),
              { label: "About Lookfors", icon: "info", run: () => navigate("/about") },
              { label: `Colours: ${THEME_WORDS[theme.value]}`, icon: "contrast", run: nextTheme },
              { label: "Keyboard", icon: "keyboard", run: showKeys },
              { label: "Sign out", icon: "left", run: () => void signOut() },
            ]}
          />
        </div>
      </header>
      <Banner />
      <main id="main" tabIndex={-1}>
        <Boundary key={place.value.path}>{children}</Boundary>
      </main>
      <Tray />
      {mayUpload() && <DropTarget />}
      {keysOpen.value && (
        <KeysDialog
          onClose={() => {
            keysOpen.value = false;
          }}
        />
      )}
      <div class="unseen" role="status" aria-live="polite">
        {spoken.value}
      </div>
    </>
  );
}
