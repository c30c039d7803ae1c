//! The real window: shell, webview, page and workbench together, driven by WebDriver.
//!
//! `cargo xtask test --no-window` leaves out what is in this module, by its name.

use std::fs;
use std::time::Duration;

use jackfield_tests::files;
use jackfield_tests::window::{Display, Driver, Window};

/// A debug build compiles the sample and draws in software.
const PATIENCE: Duration = Duration::from_secs(60);

/// What runs has a second to stop; the rest is for the driver's pointer and a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// Opens the window; a test that fails leaves a picture of its last moment.
fn in_window(
    name: &str,
    args: &[&str],
    test: impl FnOnce(&Driver, &Window) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let display = Display::start()?;
    let driver = Driver::start(&display)?;
    let window = driver.open(args)?;
    let result = test(&driver, &window);
    if result.is_err() {
        picture(&window, &format!("{name}-failed"))?;
    }
    result
}

/// Leaves a picture of the window in `target/screenshots`.
fn picture(window: &Window, name: &str) -> anyhow::Result<()> {
    let folder = files::target_folder()?.join("screenshots");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name).with_extension("png"), window.screenshot()?)?;
    Ok(())
}

#[test]
fn the_cron_sample_is_opened_started_and_stopped() -> anyhow::Result<()> {
    in_window("cron", &["samples/cron/workload.toml"], |_, window| {
        for label in ["component job", "component ticker", "link ticker jackfield:cron/job → job"] {
            window.wait_for(label, PATIENCE)?;
        }
        window.click(window.wait_for("Start", PATIENCE)?)?;
        window.wait_for("job stderr: hello from the cron component", PATIENCE)?;
        // It goes on, and the window with it.
        window.wait_for_text("3 lines", PATIENCE)?;
        picture(window, "cron")?;
        window.click(window.wait_for("Stop", PATIENCE)?)?;
        window.wait_for("stopped", PATIENCE)?;
        Ok(())
    })
}

#[test]
fn a_page_that_is_loaded_again_goes_on() -> anyhow::Result<()> {
    in_window("reload", &["samples/cron/workload.toml"], |_, window| {
        window.click(window.wait_for("Start", PATIENCE)?)?;
        window.wait_for_text("2 lines", PATIENCE)?;
        window.run("window.location.reload()", &[])?;
        // The earlier lines come back, and more come after them.
        window.wait_for_text("5 lines", PATIENCE)?;
        window.wait_for("Stop", PATIENCE)?;
        Ok(())
    })
}

#[test]
fn a_workload_that_cannot_be_opened_says_so_in_the_window() -> anyhow::Result<()> {
    in_window("missing", &["samples/no-such/workload.toml"], |_, window| {
        window.wait_for("Open sample cron", PATIENCE)?;
        window.wait_for_text("no-such", PATIENCE)
    })
}

/// A service that fails once and for all.
const FAILS: &str = r#"
name = "fails"
[components.errands]
source = "ERRANDS"
args = ["exit", "3"]
[service]
component = "errands"
max_restarts = 0
"#;

#[test]
#[cfg(target_os = "linux")]
fn the_last_thing_that_happens_is_on_the_screen_though_nobody_touches_the_window() -> anyhow::Result<()> {
    use std::time::Instant;

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("workload.toml");
    let errands = files::root().join("samples/errands/errands.wasm");
    fs::write(&file, FAILS.replace("ERRANDS", &errands.to_string_lossy()))?;
    let file = file.to_string_lossy().into_owned();
    let display = Display::start()?;
    let driver = Driver::start(&display)?;
    let window = driver.open(&[&file])?;
    window.click(window.wait_for("Start", PATIENCE)?)?;
    let state = window.wait_for("failed", PATIENCE)?;
    // The state before is amber.
    let is_red = |[red, green, blue]: &[u8; 3]| *red > green.saturating_add(60) && green.abs_diff(*blue) < 30;
    let deadline = Instant::now() + SOON;
    while !display.pixels(state)?.iter().any(is_red) {
        anyhow::ensure!(Instant::now() < deadline, "it is not shown that the workload has failed");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
#[cfg(target_os = "linux")]
fn quitting_ends_what_runs_and_the_process() -> anyhow::Result<()> {
    use std::time::Instant;

    use jackfield_tests::usage::Tree;

    in_window("quit", &["samples/cron/workload.toml"], |driver, window| {
        window.click(window.wait_for("Start", PATIENCE)?)?;
        window.wait_for("job stderr: hello from the cron component", PATIENCE)?;
        window.click(window.wait_for("File", PATIENCE)?)?;
        let quit = window.wait_for("Quit", PATIENCE)?;
        assert!(Tree::below(driver.process_id(), "jackfield").is_ok());
        // The driver may lose the window before it can answer.
        let _ = window.click(quit);
        let deadline = Instant::now() + SOON;
        while Tree::below(driver.process_id(), "jackfield").is_ok() {
            anyhow::ensure!(Instant::now() < deadline, "the process is still there after {SOON:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    })
}

/// Connects to the workload that is shown, calls `hypotenuse` with 3 and 4, and opens the frame.
fn call_hypotenuse(window: &Window) -> anyhow::Result<()> {
    let press = |label: &str| window.press(label, PATIENCE);
    press("large dock")?;
    press("MCP tab")?;
    press("Connect to workload")?;
    press("tool hypotenuse")?;
    for (argument, value) in [("argument a", "3"), ("argument b", "4")] {
        press(argument)?;
        window.press_with_ctrl('a')?;
        window.type_text(value)?;
    }
    press("call tool")?;
    // The whole value: on its way through the page, 5.0 must not become 5.
    window.wait_for("{\"result\":5.0}\n", PATIENCE)?;
    picture(window, "tool")?;
    press("show frame")?;
    window.wait_for("frame bytes", PATIENCE)?;
    window.wait_for_text("tools/call", PATIENCE)?;
    window.wait_for("3² + 4² = 25", PATIENCE)?;
    picture(window, "session")
}

#[test]
fn a_function_is_called_over_mcp_and_its_frame_is_shown() -> anyhow::Result<()> {
    in_window("mcp", &["samples/calculator/workload.toml"], |_, window| {
        window.wait_for("component hypotenuse", PATIENCE)?;
        call_hypotenuse(window)
    })
}

#[test]
fn a_workload_is_made_of_three_drags_called_and_unmade_by_undo() -> anyhow::Result<()> {
    in_window("loop", &[], |_, window| {
        window.press("Search library", PATIENCE)?;
        window.type_text("exports:math")?;
        window.wait_for("library samples/hypotenuse 0.1.0", PATIENCE)?;
        window.press_with_ctrl('n')?;
        window.wait_for_text("untitled", PATIENCE)?;
        let places =
            [("hypotenuse", (170.0, 0.0)), ("square", (-170.0, -100.0)), ("square-root", (-170.0, 60.0))];
        for (name, (right, down)) in places {
            // The last card has moved those below it.
            let (x, y) = window.wait_for("canvas", PATIENCE)?.middle();
            let card = window.wait_for(&format!("library samples/{name} 0.1.0"), PATIENCE)?;
            window.drag(card, (x + right, y + down))?;
            window.wait_for(&format!("component {name}"), PATIENCE)?;
        }
        window.wait_for("link hypotenuse math:ops/square → square", PATIENCE)?;
        window.wait_for("link hypotenuse math:ops/square-root → square-root", PATIENCE)?;
        picture(window, "composed")?;
        window.click(window.wait_for("Start", PATIENCE)?)?;
        window.wait_for("running", PATIENCE)?;
        call_hypotenuse(window)?;
        window.click(window.wait_for("Stop", PATIENCE)?)?;
        window.wait_for("stopped", PATIENCE)?;
        for name in ["square-root", "square", "hypotenuse"] {
            window.press_with_ctrl('z')?;
            let label = format!("component {name}");
            window.wait_until_gone(&label, PATIENCE)?;
        }
        Ok(())
    })
}

#[test]
fn what_happened_below_a_call_is_seen_as_one_trace() -> anyhow::Result<()> {
    in_window("traces", &["samples/calculator/workload.toml"], |_, window| {
        window.wait_for("component hypotenuse", PATIENCE)?;
        window.press("observe values", PATIENCE)?;
        call_hypotenuse(window)?;
        window.press("show trace", PATIENCE)?;
        window.wait_for_text("square square(x: 3) → 9", PATIENCE)?;
        window.wait_for_text("square-root square-root(x: 25) → 5", PATIENCE)?;
        picture(window, "traces")?;
        Ok(())
    })
}
