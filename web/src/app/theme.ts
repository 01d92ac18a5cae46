import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const KEY = "lookfors.theme";

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "auto";
}

export const theme = signal<Theme>(stored());

/** Counts up whenever resolved colours may have changed, for what is drawn rather than styled. */
export const repaint = signal(0);

export function startTheme(): void {
  effect(() => {
    if (theme.value === "auto") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(KEY);
    } else {
      document.documentElement.dataset.theme = theme.value;
      localStorage.setItem(KEY, theme.value);
    }
    repaint.value = repaint.peek() + 1;
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    repaint.value += 1;
  });
}

export const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
