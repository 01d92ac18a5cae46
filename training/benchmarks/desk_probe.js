// Put into the review page before anything of its own, to see what the person at the screen would.
(() => {
  const longTasks = []; // [start, duration] in ms: the page answered nobody meanwhile
  const clicks = []; // ms from a click to the next picture, as the browser tells it (steps of 8 ms)
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) longTasks.push([one.startTime, one.duration]);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.name === "click") clicks.push(one.duration);
  }).observe({ type: "event", durationThreshold: 16 });

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const afterPicture = () =>
    frame().then(() => new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = resolve;
      channel.port2.postMessage(null);
    }));
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  let shown = null; // when the transcript's words were in a picture
  (async () => {
    while (!document.querySelector("[data-said]")) await frame();
    await afterPicture();
    shown = performance.now();
  })();

  /** From the last byte of the transcript to words on the screen, and to a page that answers at once. */
  async function opened() {
    while (shown === null) await wait(20);
    const lastEnd = () => Math.max(0, ...longTasks.map(([start, duration]) => start + duration));
    do await wait(250);
    while (performance.now() - Math.max(shown, lastEnd()) < 1000);
    const data = performance.getEntriesByType("resource").filter((one) => one.name.endsWith("/transcript"));
    const arrived = data.at(-1).responseEnd;
    return { shown: shown - arrived, interactive: Math.max(shown, lastEnd()) - arrived };
  }

  /** Frames while `running` is pending: [ms between neighbours], and the long tasks among them. */
  let recording = null;
  function record() {
    recording = { deltas: [], from: performance.now(), last: null };
    const mine = recording;
    (function next(now) {
      if (recording !== mine) return;
      if (now !== undefined) {
        if (mine.last !== null) mine.deltas.push(now - mine.last);
        mine.last = now;
      }
      requestAnimationFrame(next);
    })();
  }
  function recorded() {
    const { deltas, from } = recording;
    recording = null;
    return { deltas, longTasks: longTasks.filter(([start]) => start >= from).length };
  }

  /** A word on the screen to click on, that is not lit: its middle. */
  function someWord(nth) {
    const pane = document.querySelector(".transcript").getBoundingClientRect();
    const found = [];
    for (const said of document.querySelectorAll("[data-said]")) {
      const box = said.getBoundingClientRect();
      if (box.top < pane.top + 60 || box.bottom > Math.min(pane.bottom, innerHeight) - 60) continue;
      for (const word of said.textContent.matchAll(/\w{4,}/g)) {
        const range = new Range();
        range.setStart(said.firstChild, word.index);
        range.setEnd(said.firstChild, word.index + word[0].length);
        const { x, y, width, height } = range.getBoundingClientRect();
        found.push([x + width / 2, y + height / 2]);
      }
    }
    return found[(nth * 37) % found.length];
  }

  const lit = () => {
    const [range] = CSS.highlights.get("now") ?? [];
    return range ? `${range.startContainer.parentElement.dataset.said}:${range.startOffset}` : null;
  };
  const answers = []; // frames from each click to the clicked word lit
  addEventListener("click", async () => {
    const before = lit();
    for (let frames = 1; frames <= 120; frames += 1) {
      await afterPicture();
      if (lit() === before) continue;
      answers.push(frames);
      return;
    }
    answers.push(Number.POSITIVE_INFINITY);
  }, { capture: true });

  /**
   * `seconds` of use without waiting for them: each moves playback on by a second; decisions, changes of mind, undo
   * and writing come as often as in a review that is done in a hurry.
   */
  async function use(seconds) {
    const press = (key) => {
      for (const type of ["keydown", "keyup"])
        document.body.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true, cancelable: true }));
    };
    for (let second = 0; second < seconds; second += 1) {
      press("ArrowRight");
      if (second % 5 === 0) press("n");
      if (second % 5 === 1) press("aru"[second % 3]);
      if (second % 15 === 7) press("z");
      if (second % 30 === 12) press("q");
      if (second % 120 === 60) press("g");
      await frame();
    }
  }

  window.probe = { opened, record, recorded, someWord, use, clicks, answers };
})();
