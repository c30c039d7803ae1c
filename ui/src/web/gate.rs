//! Tells the page's gate when the next frame is due, so that an idle window sleeps.

use egui::{Context, FullOutput, Plugin, ViewportId};
use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

use super::js;

/// Looks at the output of each pass.
#[derive(Default)]
pub(super) struct Gate {
    has_drawn: bool,
}

impl Plugin for Gate {
    fn debug_name(&self) -> &'static str {
        "gate"
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        if let Some(viewport) = output.viewport_output.get(&ViewportId::ROOT) {
            // A delay that was never asked for is as long as a duration can be.
            let is_asked_for = viewport.repaint_delay != std::time::Duration::MAX;
            let millis = viewport.repaint_delay.as_secs_f64() * 1000.0;
            js::frame_due(if is_asked_for { millis } else { f64::INFINITY });
        }
        if !self.has_drawn {
            self.has_drawn = true;
            announce_first_frame();
        }
    }
}

/// Once the first frame is on the screen: takes the loading text away, and tells page and shell.
fn announce_first_frame() {
    let announce = Closure::once_into_js(|| {
        let Some(window) = web_sys::window() else { return };
        if let Some(performance) = window.performance() {
            let millis = JsValue::from_f64(performance.now());
            // Only a frozen window object could refuse it, and then only a test misses it.
            let _ = Reflect::set(&window, &"jackfieldFirstFrameMillis".into(), &millis);
        }
        if let Some(loading) = window.document().and_then(|document| document.get_element_by_id("loading")) {
            loading.remove();
        }
        super::shell::tell("first_frame");
    });
    js::after_frame(announce.unchecked_ref());
}
