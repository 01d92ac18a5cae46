import { computed, signal } from "@preact/signals";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5] as const;

/**
 * The one place that knows where playback is. Works without a media element too: a recording whose copy is
 * missing can still be read and moved about in.
 */
export function createClock() {
  const time = signal(0); // seconds
  const second = computed(() => Math.floor(time.value)); // for what changes once a second, not with every frame
  const duration = signal<number | null>(null);
  const playing = signal(false);
  const stalled = signal(false);
  const broken = signal(false);
  const rate = signal(1);
  const muted = signal(false);
  const volume = signal(1);
  let media: HTMLMediaElement | null = null;
  let frame = 0;
  let wanted: number | null = null; // a seek from before the media knew its length

  function tick(): void {
    if (media && !media.seeking) time.value = media.currentTime;
    frame = requestAnimationFrame(tick);
  }

  function onPlaying(): void {
    playing.value = true;
    stalled.value = false;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(tick);
  }

  function onStopped(): void {
    playing.value = false;
    cancelAnimationFrame(frame);
    if (media && !media.seeking && wanted === null) time.value = media.currentTime;
  }

  const listeners: Record<string, () => void> = {
    play: onPlaying,
    playing: onPlaying,
    pause: onStopped,
    ended: onStopped,
    waiting: () => {
      stalled.value = true;
    },
    canplay: () => {
      stalled.value = false;
    },
    seeked: () => {
      if (media) time.value = media.currentTime;
    },
    loadedmetadata: () => {
      if (!media) return;
      broken.value = false;
      duration.value = Number.isFinite(media.duration) ? media.duration : null;
      media.playbackRate = rate.peek();
      // A seek made too early, or the place where another element stood before the page changed its shape.
      const at = wanted ?? time.peek();
      if (at > 0) media.currentTime = at;
      wanted = null;
    },
    ratechange: () => {
      if (media) rate.value = media.playbackRate;
    },
    volumechange: () => {
      if (!media) return;
      muted.value = media.muted;
      volume.value = media.volume;
    },
    error: () => {
      broken.value = true;
      onStopped();
    },
  };

  function detach(): void {
    if (!media) return;
    for (const [name, listener] of Object.entries(listeners)) media.removeEventListener(name, listener);
    cancelAnimationFrame(frame);
    media = null;
  }

  function seek(to: number): void {
    const end = duration.peek();
    const at = Math.max(0, end === null ? to : Math.min(to, Math.max(0, end - 0.05)));
    time.value = at; // shown at once, before the picture follows
    if (media && media.readyState > 0) media.currentTime = at;
    else wanted = at;
  }

  return {
    ...{ time, second, duration, playing, stalled, broken, rate, muted, volume },
    seek,
    by(seconds: number): void {
      seek(time.peek() + seconds);
    },
    /** A small step, at rest. */
    step(seconds: number): void {
      media?.pause();
      seek(time.peek() + seconds);
    },
    toggle(): void {
      if (!media) return;
      // Refused only where the browser wants a click first; the button shows that it does not play.
      if (media.paused) void media.play().catch(() => undefined);
      else media.pause();
    },
    pause(): void {
      media?.pause();
    },
    setRate(next: number): void {
      rate.value = next;
      if (media) media.playbackRate = next;
    },
    /** One speed up or down the list. */
    changeRate(direction: 1 | -1): void {
      const at = SPEEDS.findIndex((speed) => speed >= rate.peek());
      const next = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + direction))];
      if (next !== undefined) this.setRate(next);
    },
    setMuted(next: boolean): void {
      if (media) media.muted = next;
    },
    setVolume(next: number): void {
      if (!media) return;
      media.volume = next;
      media.muted = next === 0;
    },
    attach(element: HTMLMediaElement): () => void {
      detach();
      media = element;
      for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener);
      if (element.readyState > 0) listeners.loadedmetadata?.();
      return detach;
    },
    dispose: detach,
  };
}

export type Clock = ReturnType<typeof createClock>;
