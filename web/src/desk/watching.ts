export type Stretch = [start: number, end: number, rate: number];

const JUMP_S = 1.5; // a longer step between two looks at the clock is a seek, not playback

/** Collects what was really played: stretches of media time with the speed they were played at. */
export function createWatch() {
  let stretches: Stretch[] = [];
  let last: number | null = null;
  return {
    /** Called often while playing, with the place and the speed. */
    note(time: number, rate: number): void {
      const open = stretches.at(-1);
      if (last !== null && time > last && time - last <= JUMP_S * rate) {
        if (open && open[1] === last && open[2] === rate) open[1] = time;
        else stretches.push([last, time, rate]);
      }
      last = time;
    },
    /** Playback stopped: the next place is a new beginning. */
    pause(): void {
      last = null;
    },
    /** What was collected since the last time and is not taken yet. */
    peek: (): readonly Stretch[] => stretches,
    /** What was collected since the last time, to be sent. */
    take(): Stretch[] {
      const taken = stretches.filter(([start, end]) => end - start >= 0.05);
      stretches = [];
      return taken;
    },
  };
}
