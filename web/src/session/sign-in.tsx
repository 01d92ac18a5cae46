import { useEffect, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem.ts";
import { navigate } from "../app/router.ts";
import { useTitle } from "../app/title.ts";
import { Mark } from "../parts/mark.tsx";
import { Wait } from "../parts/wait.tsx";
import { signIn } from "./session.ts";

/**
 * The link opens this page and the page sends the token, so that a mail program that looks at links ahead of
 * the reader does not use it up.
 */
export default function SignIn({ token }: { token: string | null }) {
  useTitle("Sign in");
  const [problem, setProblem] = useState<Problem | null>(null);

  async function enter(): Promise<void> {
    if (!token) return;
    setProblem(null);
    try {
      await signIn(token);
      navigate("/", { replace: true });
    } catch (error) {
      setProblem(asProblem(error));
    }
  }

  useEffect(() => {
    void enter();
  }, [token]);

  if (!token) return <Spent detail="This address has no sign-in code in it." />;
  if (problem?.unreachable)
    return (
      <section class="plate" role="alert">
        <Mark size={40} />
        <h1>Lookfors does not answer</h1>
        <p>Your link is still good: it was not used. Check the connection and try again.</p>
        <div class="actions">
          <button type="button" class="button strong" onClick={() => void enter()}>
            Try again
          </button>
        </div>
      </section>
    );
  if (problem) return <Spent detail={problem.detail} remedy={problem.remedy} />;
  return <Wait what="Signing you in…" />;
}

function Spent({ detail, remedy }: { detail: string; remedy?: string }) {
  return (
    <section class="plate" role="alert">
      <Mark size={40} />
      <h1>This link does not open the door any more</h1>
      <p>{detail}</p>
      <p>
        {remedy ??
          "Each link works once and for a short time. Ask the person who sent it for a new one; on your own machine, start Lookfors again and it prints one."}
      </p>
      <p>Already signed in on this browser? Then you do not need the link.</p>
      <div class="actions">
        <a class="button strong" href="/">
          Go to the submissions
        </a>
      </div>
    </section>
  );
}
