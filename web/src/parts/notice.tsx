import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem.ts";
import { Icon } from "./icon.tsx";

interface NoticeProps {
  tone?: "plain" | "care" | "bad";
  children: ComponentChildren;
  alert?: boolean;
}

export function Notice({ tone = "plain", alert = false, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} role={alert ? "alert" : undefined}>
      <Icon name={tone === "plain" ? "info" : "warn"} />
      <div>{children}</div>
    </div>
  );
}

/** What is wrong and what to do, with a way to try again where that can help. */
export function ProblemNotice({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <Notice tone="bad" alert>
      <p>{problem.detail}</p>
      <p>{problem.remedy}</p>
      {retry && (
        <div class="actions">
          <button type="button" class="button small" onClick={retry}>
            Try again
          </button>
        </div>
      )}
    </Notice>
  );
}
