// Loads the app and starts it; says what to do where it cannot run.

import init, { start } from "./jackfield_ui.js";

const canvas = document.getElementById("canvas");

// Shows a page of words instead of the app.
function fail(title, what, details) {
  const page = document.getElementById("failure");
  page.querySelector("h1").textContent = title;
  page.querySelector("#failure-what").textContent = what;
  page.querySelector("#failure-details").textContent = details;
  page.hidden = false;
  canvas.hidden = true;
  document.getElementById("loading").hidden = true;
}

const GRAPHICS_HELP =
  "Jackfield draws with WebGL, which this system does not offer here. Install or update the graphics " +
  "driver. On Linux, starting with WEBKIT_DISABLE_DMABUF_RENDERER=1 in the environment helps with some " +
  "drivers, and Mesa's software renderer (package libgl1-mesa-dri) works everywhere. " +
  "The `jack` command does the same work in the terminal.";

const LOAD_HELP =
  "The window's own files do not fit together or cannot be read. Build or install Jackfield again; if that " +
  "does not help, please report it with the text below.";

const CRASH_HELP =
  "This is a defect in Jackfield. Workloads go on running. Load the window again to go on; if it happens " +
  "again, please report it with the text below.";

window.jackfieldFail = (details) => fail("The window has stopped working", CRASH_HELP, details);

document.getElementById("failure-reload").addEventListener("click", () => window.location.reload());
document.getElementById("failure-copy").addEventListener("click", () => {
  window.jackfieldBridge.copy(document.getElementById("failure-details").textContent);
});

// Keys that the app uses and that a browser would take for itself: select the page, reload, help, zoom, close, find.
window.addEventListener(
  "keydown",
  (event) => {
    const command = event.ctrlKey || event.metaKey;
    const ours = command
      ? ["a", "b", "f", "i", "j", "k", "n", "q", "s", "w", "0", "+", "=", "-", "PageUp", "PageDown", "F5"].includes(
          event.key.length === 1 ? event.key.toLowerCase() : event.key,
        )
      : ["F1", "F5", "F10"].includes(event.key);
    if (ours) event.preventDefault();
  },
  { capture: true },
);

canvas.addEventListener("webglcontextlost", (event) => {
  event.preventDefault();
  fail("The graphics driver was reset", "Load the window again to go on. Workloads go on running.", "WebGL context lost");
});

function describe(error) {
  return error instanceof Error ? `${error.message}\n\n${error.stack ?? ""}` : String(error);
}

// Makes the canvas's context before the app asks for it, which then gets this one: the app smooths its
// own edges, and a browser that smooths them again, or mixes the canvas with a page that has nothing
// behind it, works twice as long on each frame. Where a browser swaps buffers and does not copy them, WebKitGTK
// shows each frame with the next one, and the last one before a pause not at all.
function prepareWebGl() {
  const options = {
    alpha: false,
    antialias: false,
    depth: false,
    stencil: false,
    preserveDrawingBuffer: true,
    powerPreference: "low-power",
  };
  return canvas.getContext("webgl2", options) ?? canvas.getContext("webgl", options);
}

async function run() {
  if (prepareWebGl() === null) {
    fail("This system offers no WebGL", GRAPHICS_HELP, navigator.userAgent);
    return;
  }
  try {
    await init({ module_or_path: new URL("./jackfield_ui_bg.wasm", import.meta.url) });
  } catch (error) {
    fail("The window could not be loaded", LOAD_HELP, describe(error));
    return;
  }
  try {
    await start(canvas);
  } catch (error) {
    // After a panic the page says already what happened.
    if (!document.getElementById("failure").hidden) return;
    fail("The window could not be started", GRAPHICS_HELP, describe(error));
  }
}

run();
