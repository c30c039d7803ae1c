//! The whole loop: compose, run, call over MCP, read the session.

use egui::{Key, Modifiers};

use super::Flow;

/// Connects to the workload that is shown, which starts it, and opens `hypotenuse` among its tools.
pub(super) fn connect(flow: &mut Flow) {
    flow.press("large dock");
    flow.press("MCP tab");
    flow.press("Connect to workload");
    flow.press("tool hypotenuse");
}

/// Calls `hypotenuse` with 3 and 4, and reads the session.
pub(super) fn call_and_read(flow: &mut Flow) {
    flow.type_into("argument a", "3");
    flow.type_into("argument b", "4");
    flow.press("call tool");
    flow.until_value("result text", &["\"result\":5.0"]);
    flow.press("show frame");
    flow.until_value("frame bytes", &["\"tools/call\"", "\"hypotenuse\""]);
    flow.until_labelled("3² + 4² = 25");
}

#[test]
fn a_function_of_a_sample_is_called_over_mcp() -> anyhow::Result<()> {
    let mut flow = Flow::new()?;
    flow.press("Open sample calculator");
    flow.until_labelled("component hypotenuse");
    connect(&mut flow);
    call_and_read(&mut flow);
    Ok(())
}

#[test]
fn a_workload_is_made_of_three_drags_called_and_unmade_by_undo() -> anyhow::Result<()> {
    let mut flow = Flow::new()?;
    flow.type_into("Search library", "exports:math");
    flow.until_labelled("library samples/hypotenuse 0.1.0");
    flow.press_keys(Modifiers::COMMAND, Key::N);
    flow.until_labelled("canvas");
    for (place, name) in ["hypotenuse", "square", "square-root"].into_iter().enumerate() {
        flow.drag_to_canvas(&format!("library samples/{name} 0.1.0"), place);
        flow.until_labelled(&format!("component {name}"));
    }
    flow.until_labelled("link hypotenuse math:ops/square → square");
    flow.until_labelled("link hypotenuse math:ops/square-root → square-root");
    flow.press("Start");
    flow.until_labelled("running");
    connect(&mut flow);
    call_and_read(&mut flow);
    flow.press("Stop");
    flow.until_labelled("stopped");

    for name in ["square-root", "square", "hypotenuse"] {
        flow.press_keys(Modifiers::COMMAND, Key::Z);
        flow.until_gone(&format!("component {name}"));
    }
    Ok(())
}
