//! Lets WebDriver tests find things by their label.
//!
//! The window is one canvas, in which a test can see nothing. Where the browser says that it is driven
//! (`navigator.webdriver`), egui's accessibility tree is kept and offered to scripts:
//! `jackfieldFind(text)` and `jackfieldTree()` return JSON, arrays of objects with `role`, `label`,
//! `value`, `x`, `y`, `width` and `height`, in CSS pixels of the page.

use std::cell::RefCell;

use egui::accesskit::{Node, NodeId, TreeUpdate};
use egui::{Context, FullOutput, Plugin};
use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

thread_local! {
    /// The tree of the latest pass. egui gives the whole tree each time.
    static TREE: RefCell<Vec<Found>> = const { RefCell::new(Vec::new()) };
}

/// A node as scripts see it.
#[derive(Debug, Clone, Serialize)]
struct Found {
    role: String,
    label: String,
    value: String,
    disabled: bool,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Offers the tree if the window is driven by a test; costs nothing otherwise.
pub(super) fn install_if_driven(ctx: &Context) {
    if !is_driven() {
        return;
    }
    ctx.enable_accesskit();
    ctx.add_plugin(Automation);
    offer(
        "jackfieldFind",
        &Closure::<dyn Fn(String) -> String>::new(|text: String| json_of(&text)).into_js_value(),
    );
    offer("jackfieldTree", &Closure::<dyn Fn() -> String>::new(|| json_of("")).into_js_value());
}

/// <https://www.w3.org/TR/webdriver2/#interface>
fn is_driven() -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    let says_so = navigator.and_then(|navigator| Reflect::get(&navigator, &"webdriver".into()).ok());
    says_so.is_some_and(|value| value.is_truthy())
}

fn offer(name: &str, function: &JsValue) {
    if let Some(window) = web_sys::window() {
        // Only a frozen window object could refuse it; the test then finds no such function.
        let _ = Reflect::set(&window, &name.into(), function);
    }
}

/// The nodes whose label or value contains `text`.
fn json_of(text: &str) -> String {
    TREE.with_borrow(|tree| {
        let found: Vec<&Found> =
            tree.iter().filter(|node| node.label.contains(text) || node.value.contains(text)).collect();
        serde_json::to_string(&found).unwrap_or_default()
    })
}

struct Automation;

impl Plugin for Automation {
    fn debug_name(&self) -> &'static str {
        "automation"
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        if let Some(update) = &output.platform_output.accesskit_update {
            // Bounds are in points; the page counts in CSS pixels.
            let scale = f64::from(ctx.zoom_factor());
            TREE.set(nodes(update, scale));
        }
    }
}

fn nodes(update: &TreeUpdate, scale: f64) -> Vec<Found> {
    update.nodes.iter().map(|(_, node): &(NodeId, Node)| found(node, scale)).collect()
}

fn found(node: &Node, scale: f64) -> Found {
    let bounds = node.bounds().unwrap_or_default();
    Found {
        role: format!("{:?}", node.role()),
        label: node.label().unwrap_or_default().to_owned(),
        value: node.value().unwrap_or_default().to_owned(),
        disabled: node.is_disabled(),
        x: bounds.x0 * scale,
        y: bounds.y0 * scale,
        width: (bounds.x1 - bounds.x0) * scale,
        height: (bounds.y1 - bounds.y0) * scale,
    }
}
