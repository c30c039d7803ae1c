//! The `jack` command: everything that the window can do, in a terminal.
//!
//! It parses its arguments, sends [`Request`](jackfield_protocol::Request)s to a workbench of its
//! own, and prints what comes back: text for people, or with `--json` the protocol's own values.
//! It must never know Wasmtime, Tauri or egui, and it never looks into a component itself: of the crate that does,
//! it has only how values are written.
//!
//! Results and components' lines go to standard output, everything about them to standard error.
//! The exit code is 0 only on success, 1 when something failed, and 2 when the arguments are wrong; `failure` has
//! those of `jack up`, which exits as its service does, and of a call that Ctrl-C ended.

mod args;
mod asked;
mod command;
mod complete;
mod dot;
mod failure;
mod follow;
mod input;
mod meter;
mod nearest;
mod output;
mod page;
mod render;
mod sanitize;
mod signals;
mod style;

use std::process::ExitCode;

use jackfield_protocol::{Error, ErrorKind};

use crate::args::Args;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let args = Args::of_this_process();
    let mut output = Output::new(args.json, args.color);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&mut output, &no_runtime(&error).into()),
    };
    let code = match runtime.block_on(command::run(&args.command, &mut output)) {
        Ok(code) => code,
        Err(failure) => report(&mut output, &failure),
    };
    // Waits for nothing: whatever still runs is of no more use.
    runtime.shutdown_background();
    code
}

/// Says what went wrong: on standard error for people, on standard output for programs.
fn report(output: &mut Output, Failure { error, code, trace }: &Failure) -> ExitCode {
    if output.is_json() {
        // Where standard output cannot be written either, the exit code must do.
        let _ = output.json(&match trace {
            Some(trace) => serde_json::json!({ "error": error, "trace": trace }),
            None => serde_json::json!({ "error": error }),
        });
    } else {
        output.note(&render::error::page(error));
    }
    ExitCode::from(*code)
}

fn no_runtime(error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Host, format!("cannot start the threads that run components: {error}"))
        .with_help("look at the limits on processes and open files (`ulimit -a`)")
}
