// Prints what the first visit to each page has to fetch: gzip -9 of every script and style sheet the page needs
// before it can draw. Run after `npm run build`.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 130; // of JavaScript, for the review page
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");

const PAGES = {
  review: "src/desk/page.tsx",
  recording: "src/review/page.tsx",
  submissions: "src/submissions/page.tsx",
  "sign-in": "src/session/sign-in.tsx",
  queue: "src/queue/page.tsx",
  agreement: "src/agreement/page.tsx",
  about: "src/about/page.tsx",
};

let manifest;
try {
  manifest = JSON.parse(readFileSync(join(dist, ".vite", "manifest.json"), "utf8"));
} catch {
  process.stderr.write("There is no build to weigh: run `npm run build` first.\n");
  process.exit(1);
}

/** Files a chunk cannot do without: itself and what it imports statically. */
function needed(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const other of chunk.imports ?? []) needed(other, seen);
  return seen;
}

function kilobytes(files) {
  const size = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length,
    0,
  );
  return size / 1000;
}

let over = false;
for (const [name, key] of Object.entries(PAGES)) {
  if (!manifest[key]) throw new Error(`The build has no page ${key}.`);
  const files = [...needed("index.html", new Set()), ...needed(key)].filter(
    (file, at, all) => all.indexOf(file) === at,
  );
  const scripts = kilobytes(files.filter((file) => file.endsWith(".js")));
  const styles = kilobytes([...files.filter((file) => file.endsWith(".css")), ...sharedStyles(files)]);
  process.stdout.write(
    `${name.padEnd(12)} ${scripts.toFixed(1).padStart(6)} kB scripts  ${styles.toFixed(1).padStart(5)} kB styles\n`,
  );
  if (name === "review") over = scripts > LIMIT_KB;
}
process.stdout.write(`limit for the review page: ${LIMIT_KB} kB of scripts, gzip\n`);
if (over) process.exit(1);

/** With one style sheet for all pages the manifest lists it apart. */
function sharedStyles(files) {
  const sheet = manifest["style.css"]?.file;
  return sheet && !files.includes(sheet) ? [sheet] : [];
}
