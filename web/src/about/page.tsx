import { useEffect, useState } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { About } from "../api/types.ts";
import { useTitle } from "../app/title.ts";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";

const PART_WORDS: Record<string, string> = {
  transcriber: "Writes down what is said",
  speakers: "Tells voices apart",
  roles: "Tells facilitator from youth",
  tagger: "Points to moments",
  encoder: "Reads sentences",
  rubric: "Rubric",
};

export default function AboutPage() {
  useTitle("About");
  const [about, setAbout] = useState<About | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  function load(): void {
    setProblem(null);
    ask(client.GET("/api/about")).then(setAbout, (error) => setProblem(asProblem(error)));
  }
  useEffect(load, []);

  return (
    <div class="page prose">
      <h1 tabIndex={-1}>About Lookfors</h1>
      <p class="lead">
        A <em>look-for</em> is an observable sign of good teaching. Lookfors listens to a recording of an
        educator with a group of youth, finds the moments that bear on three look-fors, and puts them in front
        of a person. <strong>The machine points; the person scores.</strong>
      </p>
      <h2>What to keep in mind</h2>
      <ul class="points">
        <li>What could not be heard was not judged. Every page says how much of the speech became words.</li>
        <li>
          Children's voices, far microphones and several people at once are heard worst; youth voice suffers
          first.
        </li>
        <li>A pointer is a reason to look, not a finding. A moment without a pointer may still count.</li>
        <li>
          Only roles are told apart, facilitator or youth: nobody is recognised, and no voice or face is
          stored as such.
        </li>
        <li>Recordings are worked on where Lookfors runs and go nowhere else.</li>
      </ul>
      <h2>Models at work here</h2>
      {problem && <ProblemNotice problem={problem} retry={load} />}
      {!about && !problem && <Wait what="Asking which models are here…" />}
      {about && (
        <>
          <div class="table-scroll">
            <table class="models">
              <thead>
                <tr>
                  <th scope="col">What it does</th>
                  <th scope="col">Model</th>
                  <th scope="col">Licence</th>
                  <th scope="col">Fingerprint</th>
                </tr>
              </thead>
              <tbody>
                {about.models.map((model) => (
                  <tr key={`${model.part} ${model.name}`}>
                    <td>{PART_WORDS[model.part] ?? model.part}</td>
                    <td>{model.name}</td>
                    <td>{model.licence}</td>
                    <td>
                      <code title={model.sha256}>{model.sha256.slice(0, 12)}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="quiet">
            Lookfors {about.version}. The program is free software under the Apache License 2.0; trained
            weights carry the licence named beside them.
          </p>
        </>
      )}
    </div>
  );
}
