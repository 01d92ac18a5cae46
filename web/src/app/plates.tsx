import type { Problem } from "../api/problem.ts";
import { Mark } from "../parts/mark.tsx";
import { useTitle } from "./title.ts";

export function NotFound({ what = "page" }: { what?: string }) {
  useTitle("Not found");
  return (
    <section class="plate">
      <h1 tabIndex={-1}>There is no such {what}</h1>
      <p>The address may be mistyped, or what was here has been deleted. Nothing else is affected.</p>
      <div class="actions">
        <a class="button strong" href="/">
          Go to the submissions
        </a>
      </div>
    </section>
  );
}

export function SignedOut() {
  useTitle("Signed out");
  return (
    <section class="plate">
      <Mark size={40} />
      <h1 tabIndex={-1}>You are signed out</h1>
      <p>Lookfors has no passwords: you come in through a link that works once.</p>
      <p>
        If someone sent you a link, open it. If you run Lookfors on this machine, start it with{" "}
        <code>make run</code> or <code>lookfors serve</code>: it prints a fresh link.
      </p>
    </section>
  );
}

export function Unreachable({ problem, retry }: { problem: Problem; retry: () => void }) {
  useTitle("No answer");
  return (
    <section class="plate" role="alert">
      <Mark size={40} />
      <h1 tabIndex={-1}>Lookfors does not answer</h1>
      <p>{problem.detail}</p>
      <p>If it runs on this machine, check that its window is still open. Else check your connection.</p>
      <div class="actions">
        <button type="button" class="button strong" onClick={retry}>
          Try again
        </button>
      </div>
    </section>
  );
}
