import { useEffect, useRef, useState } from "preact/hooks";
import { address } from "../../api/client.ts";
import { Icon } from "../../parts/icon.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useReview } from "../review.ts";
import { Controls } from "./controls.tsx";
import { SoundPlate } from "./sound-plate.tsx";

const CAPTIONS = "lookfors.captions";

/** The browser's own media element on the playback copy, with controls that are named and reachable by key. */
export function Player() {
  const review = useReview();
  const { clock, id } = review;
  const video = useRef<HTMLVideoElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [captions, setCaptions] = useState(() => localStorage.getItem(CAPTIONS) === "on");
  const submission = review.submission.value;
  const hasPicture = submission?.has_picture !== false;
  const hasSound = submission?.has_sound !== false;
  const playable = review.playable.value;
  const finished = review.finished.value;

  useEffect(() => (video.current ? clock.attach(video.current) : undefined), [clock, playable]);

  useEffect(() => {
    const track = video.current?.textTracks[0];
    if (track) track.mode = captions ? "showing" : "hidden";
    if (captions) localStorage.setItem(CAPTIONS, "on");
    else localStorage.removeItem(CAPTIONS);
  }, [captions, finished, playable]);

  if (!playable) return null;
  return (
    <section class={`player${hasPicture ? "" : " sound-only"}`} aria-label="Player" ref={frame}>
      <div class="screen">
        {/* biome-ignore lint/a11y/useMediaCaption: the captions come as soon as they are written */}
        <video
          ref={video}
          src={address.media(id)}
          playsInline
          preload="metadata"
          tabIndex={-1}
          hidden={!hasPicture}
          onClick={() => clock.toggle()}
        >
          {finished && hasSound && (
            <track kind="captions" srcLang="en" label="What is said" src={address.captions(id)} />
          )}
        </video>
        {!hasPicture && <SoundPlate />}
        {clock.broken.value && <Broken video={video.current} />}
        {clock.stalled.value && clock.playing.value && <span class="stalled">Loading…</span>}
      </div>
      <Controls
        captions={finished && hasSound ? captions : null}
        sound={hasSound}
        onCaptions={setCaptions}
        onFull={() => {
          if (document.fullscreenElement) void document.exitFullscreen();
          else void frame.current?.requestFullscreen?.();
        }}
        canFull={hasPicture && typeof HTMLElement.prototype.requestFullscreen === "function"}
      />
      {!hasSound && (
        <Notice tone="care">
          <p>
            This recording has no sound, so there is no transcript and nothing was pointed at. The picture can
            be watched.
          </p>
        </Notice>
      )}
    </section>
  );
}

function Broken({ video }: { video: HTMLVideoElement | null }) {
  return (
    <div class="broken" role="alert">
      <Icon name="warn" size={28} />
      <p>The recording could not be played.</p>
      <p>The connection may have been lost. The transcript can be read all the same.</p>
      <button type="button" class="button small" onClick={() => video?.load()}>
        Try again
      </button>
    </div>
  );
}
