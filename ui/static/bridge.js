// The page's side of the shell's IPC, in the few calls that the app needs. Requests, answers and events go
// through as JSON text that nothing here parses: a script's numbers would round integers beyond 2^53 and
// turn 5.0 into 5. Uses what Tauri gives to every page, so that the shell needs no global API.
(() => {
  "use strict";

  const PREFERENCES = "jackfield-preferences";

  function shell() {
    const internals = window.__TAURI_INTERNALS__;
    if (internals === undefined) {
      throw new Error("this page is the inside of Jackfield's window and does nothing outside of it");
    }
    return internals;
  }

  async function invoke(command, args) {
    try {
      return (await shell().invoke(command, args)) ?? null;
    } catch (error) {
      // What the shell rejects with is JSON; everything else is a message.
      if (error instanceof Error) throw error.message;
      throw typeof error === "string" ? error : JSON.stringify(error);
    }
  }

  // Messages of a channel carry their index and may overtake one another.
  function orderedChannel(onMessage) {
    const early = new Map();
    let next = 0;
    const handle = shell().transformCallback((envelope) => {
      if ("end" in envelope) return;
      early.set(envelope.index, envelope.message);
      while (early.has(next)) {
        const message = early.get(next);
        early.delete(next);
        next += 1;
        onMessage(message);
      }
    });
    return `__CHANNEL__:${handle}`;
  }

  let subscribed = null;

  function copyByCommand(text) {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  window.jackfieldBridge = {
    // Events come as the text of JSON arrays, in the workbench's order.
    async subscribe(onEvents) {
      subscribed = (async () =>
        invoke("subscribe", { channel: orderedChannel(onEvents) }))();
      await subscribed;
    },
    // A request waits until the subscription stands, so that no event between a snapshot and the
    // first message is lost.
    async dispatch(request) {
      await subscribed;
      return invoke("dispatch", { request });
    },
    async ask(command) {
      return JSON.stringify(await invoke(command, {}));
    },
    async askWith(command, args) {
      return JSON.stringify(await invoke(command, JSON.parse(args)));
    },
    async listenForDrops(onPaths) {
      const handler = shell().transformCallback((event) => onPaths(JSON.stringify(event.payload.paths)));
      await invoke("plugin:event|listen", { event: "tauri://drag-drop", target: { kind: "Any" }, handler });
    },
    async listenForClose(onClose) {
      const handler = shell().transformCallback(() => onClose("null"));
      await invoke("plugin:event|listen", { event: "close-wanted", target: { kind: "Any" }, handler });
    },
    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        copyByCommand(text);
      }
    },
    recall() {
      try {
        return window.localStorage.getItem(PREFERENCES) ?? undefined;
      } catch {
        return undefined;
      }
    },
    remember(preferences) {
      try {
        window.localStorage.setItem(PREFERENCES, preferences);
      } catch {
        // Where nothing can be kept, the next run starts with the defaults.
      }
    },
  };
})();
