import { useEffect, useRef } from "preact/hooks";
import { Wait } from "../parts/wait.tsx";
import { askWhoAmI, onlyResearches, session } from "../session/session.ts";
import { Boundary } from "./boundary.tsx";
import { lazy } from "./lazy.tsx";
import { NotFound, SignedOut, Unreachable } from "./plates.tsx";
import { match, place } from "./router.ts";
import { Shell } from "./shell.tsx";
import { focusHeading } from "./title.ts";

const SignIn = lazy(() => import("../session/sign-in.tsx"));
const Submissions = lazy(() => import("../submissions/page.tsx"));
const Review = lazy(() => import("../review/page.tsx"));
const MyReviews = lazy(() => import("../desk/mine.tsx"));
const DeskPage = lazy(() => import("../desk/page.tsx"));
const QueuePage = lazy(() => import("../queue/page.tsx"));
const ProgramPage = lazy(() => import("../queue/program-page.tsx"));
const ComparisonPage = lazy(() => import("../queue/comparison.tsx"));
const AgreementPage = lazy(() => import("../agreement/page.tsx"));
const AboutPage = lazy(() => import("../about/page.tsx"));

function Page() {
  const { path } = place.value;
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    // The new page draws its heading a moment later.
    const timer = setTimeout(focusHeading, 60);
    return () => clearTimeout(timer);
  }, [path]);

  if (path === "/agreement" || (path === "/" && onlyResearches())) return <AgreementPage />;
  if (path === "/" || path === "/submissions") return <Submissions />;
  const review = match("/submissions/:id", path);
  if (review?.id) return <Review key={review.id} id={review.id} />;
  const comparison = match("/submissions/:id/comparison", path);
  if (comparison?.id) return <ComparisonPage key={comparison.id} id={comparison.id} />;
  if (path === "/reviews") return <MyReviews />;
  const desk = match("/reviews/:id", path);
  if (desk?.id) return <DeskPage key={desk.id} id={desk.id} />;
  if (path === "/queue") return <QueuePage />;
  if (path === "/queue/program") return <ProgramPage />;
  if (path === "/about") return <AboutPage />;
  return <NotFound />;
}

export function App() {
  const now = session.value;
  const { path, query } = place.value;
  const signingIn = path === "/sign-in";

  useEffect(() => {
    if (!signingIn && session.peek().state === "asking") void askWhoAmI();
  }, [signingIn]);

  if (signingIn)
    return (
      <main>
        <Boundary>
          <SignIn token={query.get("token")} />
        </Boundary>
      </main>
    );
  switch (now.state) {
    case "asking":
      return (
        <main>
          <Wait what="Opening Lookfors…" />
        </main>
      );
    case "out":
      return (
        <main>
          <SignedOut />
        </main>
      );
    case "unreachable":
      return (
        <main>
          <Unreachable problem={now.problem} retry={() => void askWhoAmI()} />
        </main>
      );
    case "in":
      return (
        <Shell me={now.me}>
          <Page />
        </Shell>
      );
  }
}
