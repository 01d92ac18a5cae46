import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Utterance } from "../../api/types.ts";
import { Key } from "../../app/key.tsx";
import { addShortcuts } from "../../app/keymap.ts";
import { Icon } from "../../parts/icon.tsx";
import { useReview } from "../review.ts";
import { canLight, rangeIn } from "./light.ts";
import { createSearch, type Hit } from "./search.ts";
import type { TextOnPage } from "./text.ts";
import { wordIn } from "./words.ts";

/** Finds what was said: every hit in the text and on the map, without moving playback. */
export function SearchBar({ utterances }: { utterances: readonly Utterance[] }) {
  const review = useReview();
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null); // where the focus came from
  const query = useSignal("");
  const at = useSignal(0);
  const search = useMemo(() => createSearch(utterances), [utterances]);
  const hits = useMemo(() => search(query.value), [search, query.value]);
  const text = review.text.value;
  const active = query.value.trim() !== "";
  const now = hits.length > 0 ? Math.min(at.value, hits.length - 1) : -1;

  function timeOf(hit: Hit): number {
    return (
      wordIn(text?.wordsOf(hit.utterance) ?? [], hit.from)?.start ?? utterances[hit.utterance]?.start ?? 0
    );
  }
  function go(to: number): void {
    if (hits.length > 0) at.value = (to + hits.length) % hits.length;
  }
  function type(next: string): void {
    query.value = next;
    // Reading on from where playback stands is what is meant more often than the beginning.
    const time = review.clock.time.peek();
    const ahead = search(next).findIndex((hit) => (utterances[hit.utterance]?.end ?? 0) >= time);
    at.value = Math.max(0, ahead);
  }
  function leave(): void {
    query.value = "";
    text?.release();
    const back = before.current;
    if (document.activeElement === field.current)
      if (back instanceof HTMLElement && back.isConnected && back !== document.body) back.focus();
      else field.current?.blur();
  }

  useEffect(() => {
    review.found.value = text ? hits.map(timeOf) : [];
    return () => {
      review.found.value = [];
    };
  }, [hits, text]);
  useEffect(() => (text && active ? paint(text, hits, now) : undefined), [text, hits, now, active]);
  useEffect(() => {
    const hit = hits[now];
    if (hit) text?.reveal(hit.utterance, hit.from, hit.to);
  }, [hits, now, text]);
  // Keys change at once, not after the next paint: one pressed right after Escape belongs to the page again.
  useLayoutEffect(
    () =>
      addShortcuts([
        {
          ...{ id: "search", group: "Transcript", label: "Search what was said", keys: ["/"] },
          run: () => {
            before.current = document.activeElement;
            field.current?.focus();
            field.current?.select();
          },
        },
      ]),
    [],
  );
  useLayoutEffect(() => {
    if (!active) return;
    return addShortcuts([
      {
        ...{ id: "hit", group: "Transcript", label: "Next hit (with Shift: previous)", keys: ["n"] },
        run: (event) => go(at.peek() + (event.shiftKey ? -1 : 1)),
      },
      {
        ...{
          id: "leave-search",
          group: "Transcript",
          label: "Leave the search",
          keys: ["Escape"],
          fixed: true,
        },
        run: leave,
      },
    ]);
  }, [active, hits]);

  const count = hits.length === 0 ? "Not said" : `${now + 1} of ${hits.length}`;
  return (
    <search class={`find${active ? " active" : ""}`}>
      <Icon name="search" size={16} />
      <input
        ref={field}
        class="field"
        type="text"
        inputMode="search"
        enterkeyhint="search"
        aria-label="Search what was said"
        placeholder="Search what was said"
        autocomplete="off"
        spellcheck={false}
        value={query.value}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(now + (event.shiftKey ? -1 : 1));
          if (event.key === "Escape") leave();
        }}
      />
      {!active && <Key of="search" />}
      <span class="number" role="status">
        {active ? count : ""}
      </span>
      {active && (
        <span class="find-tools">
          <button
            type="button"
            class="button plain icon"
            aria-label="Previous hit"
            title="Previous hit (Shift + Enter)"
            disabled={hits.length === 0}
            onClick={() => go(now - 1)}
          >
            <Icon name="up" size={16} />
          </button>
          <button
            type="button"
            class="button plain icon"
            aria-label="Next hit"
            title="Next hit (Enter)"
            disabled={hits.length === 0}
            onClick={() => go(now + 1)}
          >
            <Icon name="down" size={16} />
          </button>
          <button
            type="button"
            class="button plain icon"
            aria-label="Leave the search"
            title="Leave the search (Esc)"
            onClick={leave}
          >
            <Icon name="close" size={16} />
          </button>
        </span>
      )}
    </search>
  );
}

/** Paints the hits near the reader's eyes, and the one in hand; thousands of ranges would slow every frame. */
function paint(text: TextOnPage, hits: readonly Hit[], now: number): (() => void) | undefined {
  if (!canLight) return undefined;
  const found = new Highlight();
  const current = new Highlight();
  current.priority = 3;
  found.priority = 2;
  CSS.highlights.set("found", found);
  CSS.highlights.set("found-now", current);
  const inUtterance = new Map<Element, Hit[]>();
  for (const hit of hits) {
    const element = text.elements[hit.utterance];
    if (element) inUtterance.set(element, [...(inUtterance.get(element) ?? []), hit]);
  }
  const one = hits[now];
  const element = one && text.elements[one.utterance];
  const range = element && rangeIn(element, one.from, one.to);
  if (range) current.add(range);
  const painted = new Set<Element>();
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const said = target.querySelector("[data-said]");
        if (!isIntersecting || !said || painted.has(said)) continue;
        painted.add(said);
        for (const hit of inUtterance.get(said) ?? []) {
          const place = rangeIn(said as HTMLElement, hit.from, hit.to);
          if (place) found.add(place);
        }
      }
    },
    { rootMargin: "50% 0px" },
  );
  for (const said of inUtterance.keys()) if (said.parentElement) near.observe(said.parentElement);
  return () => {
    near.disconnect();
    CSS.highlights.delete("found");
    CSS.highlights.delete("found-now");
  };
}
