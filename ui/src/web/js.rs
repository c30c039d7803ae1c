//! What the page's scripts offer: `ui/static/gate.js`, `bridge.js` and `main.js`.
#![allow(unsafe_code, reason = "the bindings that the macro generates")]

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The next frame is due in so many milliseconds; infinity for never.
    #[wasm_bindgen(js_namespace = jackfieldGate, js_name = due)]
    pub(super) fn frame_due(millis: f64);

    /// Something arrived, and a frame must be drawn.
    #[wasm_bindgen(js_namespace = jackfieldGate, js_name = wake)]
    pub(super) fn wake();

    /// Something arrived that can wait a little for more of its kind.
    #[wasm_bindgen(js_namespace = jackfieldGate, js_name = wakeCalmly)]
    pub(super) fn wake_calmly();

    /// Calls back when the frame that is being drawn has been shown.
    #[wasm_bindgen(js_namespace = jackfieldGate, js_name = afterFrame)]
    pub(super) fn after_frame(callback: &Function);

    /// Calls back with each batch of events as JSON.
    #[wasm_bindgen(js_namespace = jackfieldBridge)]
    pub(super) fn subscribe(on_events: &Function) -> Promise;

    /// Sends a request as JSON; the answer, or the error, is JSON.
    #[wasm_bindgen(js_namespace = jackfieldBridge)]
    pub(super) fn dispatch(request: &str) -> Promise;

    /// Runs a command of the shell that takes nothing; what it returns is JSON.
    #[wasm_bindgen(js_namespace = jackfieldBridge)]
    pub(super) fn ask(command: &str) -> Promise;

    /// Runs a command of the shell; what it takes and returns is JSON.
    #[wasm_bindgen(js_namespace = jackfieldBridge, js_name = askWith)]
    pub(super) fn ask_with(command: &str, args: &str) -> Promise;

    /// Calls back with the paths of files that are dropped, as JSON.
    #[wasm_bindgen(js_namespace = jackfieldBridge, js_name = listenForDrops)]
    pub(super) fn listen_for_drops(on_paths: &Function) -> Promise;

    /// Calls back when the window is to be closed while something is not saved.
    #[wasm_bindgen(js_namespace = jackfieldBridge, js_name = listenForClose)]
    pub(super) fn listen_for_close(on_close: &Function) -> Promise;

    /// Puts text on the clipboard.
    #[wasm_bindgen(js_namespace = jackfieldBridge)]
    pub(super) fn copy(text: &str) -> Promise;

    /// What was last remembered.
    #[wasm_bindgen(js_namespace = jackfieldBridge)]
    pub(super) fn recall() -> Option<String>;

    /// Keeps a small text.
    #[wasm_bindgen(js_namespace = jackfieldBridge)]
    pub(super) fn remember(preferences: &str);

    /// Shows a page that says what went wrong.
    #[wasm_bindgen(js_name = jackfieldFail)]
    pub(super) fn fail(details: &str);
}
