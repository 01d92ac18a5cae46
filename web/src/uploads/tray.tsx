import { useEffect, useState } from "preact/hooks";
import { sessionLost } from "../api/client.ts";
import { Icon } from "../parts/icon.tsx";
import { bytes, plural } from "../words/amount.ts";
import { timeLeft } from "../words/time.ts";
import { chooseFiles } from "./choose.ts";
import {
  cancelUpload,
  dismissUpload,
  giveFile,
  pauseUpload,
  refused,
  resumeUpload,
  retryWaiting,
  showUnfinished,
  type UploadRow,
  uploads,
  uploadsUnderWay,
} from "./queue.ts";

/** Uploads in a corner of every page: they go on while other work is done. */
export function Tray() {
  const [open, setOpen] = useState(true);
  const rows = uploads.value;
  const lost = sessionLost.value;

  useEffect(() => {
    void showUnfinished();
    const guard = (event: BeforeUnloadEvent) => {
      if (uploadsUnderWay()) event.preventDefault();
    };
    window.addEventListener("beforeunload", guard);
    window.addEventListener("online", retryWaiting);
    return () => {
      window.removeEventListener("beforeunload", guard);
      window.removeEventListener("online", retryWaiting);
    };
  }, []);
  useEffect(() => {
    if (!lost) retryWaiting();
  }, [lost]);

  const no = refused.value;
  if (rows.length === 0 && no.length === 0) return null;
  const going = rows.filter((row) => row.state !== "done" && row.state !== "failed").length;
  return (
    <section class="tray card" aria-label="Uploads">
      <header>
        <h2>{going > 0 ? `Uploading ${plural(going, "file")}` : "Uploads"}</h2>
        <button
          type="button"
          class="button plain icon"
          aria-expanded={open}
          aria-label={open ? "Fold the list of uploads" : "Unfold the list of uploads"}
          onClick={() => setOpen(!open)}
        >
          <span class={open ? "fold" : "fold over"}>
            <Icon name="caret" />
          </span>
        </button>
      </header>
      {open && (
        <div class="tray-body">
          {no.length > 0 && (
            <div class="refused" role="alert">
              <Icon name="warn" />
              <ul>
                {no.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
              <button
                type="button"
                class="button plain icon"
                aria-label="Dismiss"
                onClick={() => {
                  refused.value = [];
                }}
              >
                <Icon name="close" />
              </button>
            </div>
          )}
          <ul>
            {rows.map((row) => (
              <Row key={row.key} row={row} />
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function Row({ row }: { row: UploadRow }) {
  const [wrong, setWrong] = useState<string | null>(null);
  const share = row.size > 0 ? row.sent / row.size : 0;
  const percent = Math.floor(share * 100);
  return (
    <li class={`upload ${row.state}`}>
      <div class="upload-head">
        <strong title={row.name}>{row.name}</strong>
        <Actions row={row} onWrong={setWrong} />
      </div>
      {row.state !== "done" && (
        <div
          class="meter"
          role="progressbar"
          aria-label={`Upload of ${row.name}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
        >
          <i style={{ width: `${share * 100}%` }} />
        </div>
      )}
      <Line row={row} percent={percent} />
      {wrong && (
        <p class="upload-wrong" role="alert">
          {wrong}
        </p>
      )}
    </li>
  );
}

function Line({ row, percent }: { row: UploadRow; percent: number }) {
  const amount = `${bytes(row.sent)} of ${bytes(row.size)}`;
  switch (row.state) {
    case "queued":
      return <p class="number">Next in line · {bytes(row.size)}</p>;
    case "uploading": {
      const left = row.speed ? timeLeft((row.size - row.sent) / row.speed) : "";
      const speed = row.speed == null ? "" : `${bytes(row.speed)}/s`;
      return <p class="number">{[`${percent} %`, amount, speed, left].filter(Boolean).join(" · ")}</p>;
    }
    case "waiting":
      return <Waiting row={row} percent={percent} />;
    case "paused":
      return (
        <p class="number">
          {row.problem ? `${row.problem.detail} ${row.problem.remedy}` : "Paused"} · {amount}
        </p>
      );
    case "finishing":
      return <p>All sent. Starting the work on it…</p>;
    case "done":
      return <p>Uploaded. The work on it has started.</p>;
    case "failed":
      return (
        <p role="alert">
          {row.problem?.detail} {row.problem?.remedy}
        </p>
      );
    case "unfinished":
      return (
        <p>
          Begun before this page was loaded; {percent} % is on the server. Choose the same file and it goes on
          from there.
        </p>
      );
  }
}

/** A connection that is lost is not a failure: it says when it tries again, and then does. */
function Waiting({ row, percent }: { row: UploadRow; percent: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(tick);
  }, []);
  const seconds = Math.max(0, Math.ceil(((row.retryAt ?? now) - now) / 1000));
  return (
    <p class="number">
      {row.problem?.unreachable ? "Connection lost" : row.problem?.detail} · {percent} % is safe · trying
      again
      {seconds > 0 ? ` in ${seconds} s` : " now"}
    </p>
  );
}

function Actions({ row, onWrong }: { row: UploadRow; onWrong: (sentence: string | null) => void }) {
  async function choose(): Promise<void> {
    const [file] = await chooseFiles({ many: false });
    if (file) onWrong(await giveFile(row.key, file));
  }
  const busy = row.state === "queued" || row.state === "uploading" || row.state === "waiting";
  return (
    <div class="actions">
      {busy && (
        <button type="button" class="button small" onClick={() => pauseUpload(row.key)}>
          Pause<span class="unseen"> {row.name}</span>
        </button>
      )}
      {row.state === "paused" && (
        <button type="button" class="button small" onClick={() => resumeUpload(row.key)}>
          Go on<span class="unseen"> with {row.name}</span>
        </button>
      )}
      {row.state === "failed" && (
        <button
          type="button"
          class="button small"
          aria-label={`Try again: ${row.name}`}
          onClick={() => resumeUpload(row.key)}
        >
          Try again
        </button>
      )}
      {row.state === "unfinished" && (
        <button type="button" class="button small strong" onClick={() => void choose()}>
          Choose file<span class="unseen"> for {row.name}</span>
        </button>
      )}
      {row.state === "done" && row.submission && (
        <a class="button small" href={`/submissions/${row.submission}`}>
          Open<span class="unseen"> {row.name}</span>
        </a>
      )}
      {row.state !== "finishing" && (
        <button
          type="button"
          class="button plain icon small"
          aria-label={
            row.state === "done" || row.state === "failed"
              ? `Dismiss ${row.name}`
              : `Cancel the upload of ${row.name}`
          }
          onClick={() => (row.state === "done" ? dismissUpload(row.key) : void cancelUpload(row.key))}
        >
          <Icon name="close" size={18} />
        </button>
      )}
    </div>
  );
}
