//! The window: a Tauri shell around the UI's page and a workbench.
//!
//! It carries [`Request`](jackfield_protocol::Request)s from the page to the workbench, and the
//! answers and events back, and does the few things that only a native program can: show a file
//! dialog, open what the command line names, end everything. It decides nothing else, and it is the
//! only crate that knows Tauri.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod args;
mod close;
mod commands;
mod feed;
mod timing;
mod webkit;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use jackfield_workbench::{Config, Workbench};
use tauri::{AppHandle, Manager as _, RunEvent};

use crate::args::Args;
use crate::close::CloseGuard;
use crate::feed::Feed;
use crate::timing::Timing;

/// How long closing the window may take when something does not stop.
const PATIENCE_AT_EXIT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let timing = Timing::begin();
    let args = Args::of_this_process();
    webkit::avoid_known_defects();
    match run(args, timing) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args, timing: Timing) -> anyhow::Result<()> {
    let workbench = Workbench::new(Config::for_this_user())?;
    // Nobody may call what runs, and yet one looks at the window to see whether a new build is in its place.
    let files = workbench.clone();
    tauri::async_runtime::spawn(async move { files.follow_files().await });
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(args)
        .manage(timing)
        .manage(Feed::default())
        .manage(workbench)
        .manage(CloseGuard::default())
        .on_window_event(close::on_window_event)
        .invoke_handler(tauri::generate_handler![
            commands::dispatch,
            commands::first_frame,
            commands::hold_open,
            commands::pick_component,
            commands::pick_path,
            commands::pick_save,
            commands::pick_workload,
            commands::quit,
            commands::startup,
            commands::subscribe,
        ])
        .build(tauri::generate_context!())
        .context("cannot open the window; is there a display?")?;
    app.run(|app, event| {
        if matches!(event, RunEvent::Exit) {
            stop_everything(app);
        }
    });
    Ok(())
}

/// Stops what runs, so that components end as they would by Stop: their last lines are written, and
/// what they hold is given back.
fn stop_everything(app: &AppHandle) {
    let workbench = app.state::<Workbench>().inner().clone();
    tauri::async_runtime::block_on(async move {
        // Past the time limit nothing is left to do: with the process, everything in it ends.
        let _ = tokio::time::timeout(PATIENCE_AT_EXIT, workbench.shutdown()).await;
    });
}
