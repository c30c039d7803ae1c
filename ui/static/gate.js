// Lets the page's animation frames through only when there is something to draw.
//
// The UI's runner asks for an animation frame, looks whether it has to draw, and asks for the next
// one: for ever, sixty times a second, in a window in which nothing moves. This script, loaded
// before it, stands between the two. A frame that is asked for is held until
//   - something happens that the runner listens to (input, focus, size, theme, visibility),
//   - the app says that it has a frame due (`jackfieldGate.due`), or
//   - something arrived for it (`jackfieldGate.wake`).
// A frame that is let through although nothing has changed costs next to nothing, so that it is
// safe to let a few more through than needed: after input the runner can need three, one to paint
// what the event's handler has drawn, one to run again, and one in case it asks for more.
(() => {
  "use strict";

  const FRAMES_AFTER_INPUT = 3;
  const FRAMES_WHEN_DUE = 1;
  const FRAMES_AFTER_TIMER = 2;
  // Timers fire early at times; a frame before its time would be let through for nothing.
  const MARGIN_MILLIS = 2;
  // While the page is hidden the runner asks for its frames by this timer instead.
  const HIDDEN_TIMER_MILLIS = 10;
  // The pace at which a hidden page takes in what arrives.
  const HIDDEN_PACE_MILLIS = 250;
  // Without a GPU each frame of a large window costs tens of milliseconds of processor time, whatever
  // is on it. On such a display, while nobody has touched the window for a while, lines that only add
  // to the log wait for one another.
  const SLOW_FRAME_MILLIS = 24;
  const CALM_AFTER_MILLIS = 10000;
  const CALM_PACE_MILLIS = 2000;
  // Far from the browser's own handles, and still a 32-bit integer.
  const FIRST_HANDLE = 0x40000000;

  const requestFrame = window.requestAnimationFrame.bind(window);
  const cancelFrame = window.cancelAnimationFrame.bind(window);
  const setTimer = window.setTimeout.bind(window);
  const clearTimer = window.clearTimeout.bind(window);

  let lastHandle = FIRST_HANDLE;
  let allowance = FRAMES_AFTER_INPUT;
  let alarm = null;
  let passed = 0;
  let lastInput = 0;
  let lastFrame = { time: -Infinity, hasDrawn: false };
  // How long a drawn frame takes until the next can follow, averaged.
  let frameMillis = 0;
  let calm = null;
  // What was asked for, by handle: held while `cancel` is null, on its way otherwise.
  const asked = new Map();

  function hold(callback) {
    lastHandle += 1;
    asked.set(lastHandle, { callback, cancel: null });
    release();
    return lastHandle;
  }

  function release() {
    for (const [handle, entry] of asked) {
      if (allowance === 0) return;
      if (entry.cancel !== null) continue;
      allowance -= 1;
      const run = (time) => {
        asked.delete(handle);
        passed += 1;
        gauge(time);
        entry.callback(time);
      };
      if (document.hidden) {
        const timer = setTimer(() => run(performance.now()), HIDDEN_PACE_MILLIS);
        entry.cancel = () => clearTimer(timer);
      } else {
        const frame = requestFrame(run);
        entry.cancel = () => cancelFrame(frame);
      }
    }
  }

  function gauge(time) {
    const millis = time - lastFrame.time;
    if (lastFrame.hasDrawn && millis < 250) frameMillis += (millis - frameMillis) / 4;
    lastFrame = { time, hasDrawn: false };
  }

  function forget(handle) {
    const entry = asked.get(handle);
    if (entry === undefined) return false;
    if (entry.cancel !== null) entry.cancel();
    asked.delete(handle);
    return true;
  }

  function grant(frames) {
    allowance = Math.max(allowance, frames);
    release();
  }

  window.requestAnimationFrame = hold;
  window.cancelAnimationFrame = (handle) => {
    if (!forget(handle)) cancelFrame(handle);
  };
  window.setTimeout = (callback, delay, ...rest) =>
    document.hidden && delay === HIDDEN_TIMER_MILLIS && typeof callback === "function"
      ? hold(callback)
      : setTimer(callback, delay, ...rest);
  window.clearTimeout = (handle) => {
    if (!forget(handle)) clearTimer(handle);
  };

  window.jackfieldGate = {
    // The app has nothing to draw for this long; 0 for the next frame, Infinity for never.
    due(millis) {
      lastFrame.hasDrawn = true;
      if (millis <= 0) {
        grant(FRAMES_WHEN_DUE);
        return;
      }
      if (alarm !== null) clearTimer(alarm);
      alarm = Number.isFinite(millis)
        ? setTimer(() => {
            alarm = null;
            grant(FRAMES_AFTER_TIMER);
          }, Math.min(millis + MARGIN_MILLIS, 0x7fffffff))
        : null;
    },
    // Something arrived from outside.
    wake() {
      grant(FRAMES_WHEN_DUE);
    },
    // Something arrived that can wait a little.
    wakeCalmly() {
      const now = performance.now();
      if (frameMillis < SLOW_FRAME_MILLIS || now - lastInput < CALM_AFTER_MILLIS) {
        grant(FRAMES_WHEN_DUE);
      } else if (calm === null) {
        calm = setTimer(() => {
          calm = null;
          grant(FRAMES_WHEN_DUE);
        }, Math.max(0, lastFrame.time + CALM_PACE_MILLIS - now));
      }
    },
    // How long a frame takes on this display, for tests.
    frameMillis() {
      return frameMillis;
    },
    // How many frames were let through, for tests.
    passed() {
      return passed;
    },
    // Runs once the frame that is being drawn has been shown.
    afterFrame(callback) {
      requestFrame(() => callback());
    },
  };

  const EVENTS = [
    "beforeinput", "blur", "compositionend", "compositionstart", "compositionupdate", "contextmenu", "copy",
    "cut", "dragleave", "dragover", "drop", "focus", "focusin", "focusout", "gesturechange", "gestureend",
    "gesturestart", "hashchange", "input", "keydown", "keyup", "load", "mouseenter", "mouseleave", "mousemove",
    "pagehide", "pageshow", "paste", "pointerdown", "pointermove", "pointerup", "popstate", "resize",
    "touchcancel", "touchend", "touchmove", "touchstart", "visibilitychange", "wheel",
  ];
  function onInput() {
    lastInput = performance.now();
    grant(FRAMES_AFTER_INPUT);
  }
  for (const name of EVENTS) {
    window.addEventListener(name, onInput, { capture: true, passive: true });
  }
  window
    .matchMedia("(prefers-color-scheme: dark)")
    .addEventListener("change", () => grant(FRAMES_AFTER_INPUT));
})();
