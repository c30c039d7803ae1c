//! The app in the webview: the way in, and what only exists there.

mod automation;
mod gate;
mod js;
mod shell;

use eframe::{App as EframeApp, Frame, WebOptions, WebRunner};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::App;
use shell::ShellBackend;

/// Starts the app on a canvas. The page calls it once, after loading the module.
///
/// # Errors
/// If WebGL cannot be had.
#[wasm_bindgen]
pub async fn start(canvas: web_sys::HtmlCanvasElement) -> Result<(), JsValue> {
    let runner = WebRunner::new();
    show_panics();
    let create: eframe::AppCreator<'_> = Box::new(|context| {
        context.egui_ctx.add_plugin(gate::Gate::default());
        automation::install_if_driven(&context.egui_ctx);
        Ok(Box::new(Window { app: App::new(Box::new(ShellBackend::default())) }))
    });
    // Dithering would smooth gradients, of which there are none, at the price of a dearer frame.
    let options = WebOptions { dithering: false, ..WebOptions::default() };
    runner.start(canvas, options, create).await?;
    // The runner is what keeps the app alive.
    std::mem::forget(runner);
    Ok(())
}

/// A panic ends the module; the page then says so instead of standing still.
fn show_panics() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        js::fail(&panic.to_string());
        previous(panic);
    }));
}

struct Window {
    app: App,
}

impl EframeApp for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        self.app.show(ui);
    }

    /// The panels have no ground of their own.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    /// The model keeps what is worth keeping; egui's own memory is not.
    fn persist_egui_memory(&self) -> bool {
        false
    }
}
