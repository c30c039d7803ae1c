//! Wording that more than one place needs, or that would hide in the middle of drawing code.

use jackfield_protocol::{ComponentName, Rule, WorkloadState, WorkloadView};

/// A service whose component was reloaded.
#[must_use]
pub fn outdated(service: &ComponentName) -> String {
    format!("{service} runs the old code until restarted")
}

/// Where a workload's file is, and whether it says what the workload is.
#[must_use]
pub fn place(view: &WorkloadView) -> String {
    let unsaved = if view.is_modified { "\n* has changes that are not saved" } else { "" };
    format!("{}{unsaved}", view.location())
}

/// The program's name.
pub const NAME: &str = "Jackfield";
/// What it is, in a line.
pub const TAGLINE: &str = "A workbench for WebAssembly components";
/// The log has nothing yet, and the workload does not run.
pub const LOG_EMPTY_STOPPED: &str =
    "Nothing printed yet. Start the workload to see what its components print.";
/// The log has nothing yet, and the workload runs.
pub const LOG_EMPTY_RUNNING: &str =
    "Nothing printed yet. What components print appears here as it is printed.";
/// The filter lets nothing through.
pub const LOG_ALL_FILTERED: &str = "No line matches the filter.";
/// The plan is fine.
pub const NO_PROBLEMS: &str = "No problems. Every import is linked, and the workload can be started.";
/// Nothing is selected.
pub const NOTHING_SELECTED: &str = "Select a card or a link to see what it is and why it is linked as it is.";
/// How to open a file with the mouse.
pub const DROP_HINT: &str = "or drop a workload.toml, a manifest or a component anywhere on this window";
/// What a tool gave back before it was called again.
pub const EARLIER_RESULT: &str = "The result of the call before:";
/// A canvas without cards.
pub const CANVAS_EMPTY: &str = "Drag a component here from the library";
/// What can be typed to search the library.
pub const LIBRARY_SEARCH: &str = "Search, exports:x, imports:x";
/// The same, in sentences.
pub const LIBRARY_SEARCH_HELP: &str = "Words are looked for in names and descriptions.\nexports:math:ops finds what exports it, imports:math:ops what needs it.";
/// What can be typed to pull.
pub const LIBRARY_PULL: &str = "oci://host/name:tag";
/// The same, in sentences.
pub const LIBRARY_PULL_HELP: &str = "Fetch a component from a registry into the library";
/// What can be done with a card of the library.
pub const LIBRARY_CARD_HELP: &str = "Drag it onto the canvas, or press Enter, to add it to the workload";
/// Before the library has answered.
pub const LIBRARY_LOADING: &str = "Reading the library…";
/// The library has nothing.
pub const LIBRARY_EMPTY: &str =
    "The library is empty. Pull a component, add a file, or build the samples with `cargo xtask samples`.";
/// The query fits nothing.
pub const LIBRARY_NO_MATCH: &str = "Nothing in the library fits.";
/// What helps a workload whose components are not all in the library.
pub const PULL_AND_OPEN: &str = "Pull and open";
/// What becomes of it if that is given up.
pub const GIVE_UP_FETCHING: &str = "Stop pulling, and do not open it";
/// What happens to changes that are not saved.
pub const LEAVE_HELP: &str = "What is not saved is lost.";
/// What the dialog for exports is for.
pub const EXPORT_HELP: &str = "Write it so that it runs without Jackfield.";
/// Nothing in the workload can be called.
pub const EXPORT_NO_WAY_IN: &str = "Nothing in the workload can be called from outside.";
/// Why other ways in are left out.
pub const EXPORT_ONE_WAY_IN: &str =
    "One component cannot be all ways in at once. Export once for each that is needed.";
/// Components that are files on this machine.
pub const EXPORT_IMAGES: &str =
    "A cluster cannot fetch these from this machine. Say under which reference it finds each of them:";
/// What stand-ins are for.
pub const EXPORT_STAND_INS: &str = "Components that take part in the export alone, to answer what the other runtime has no plugin for.\nFiles, oci:// references or names of the library, separated by commas";
/// What can be typed for them.
pub const EXPORT_STAND_INS_HINT: &str = "none; a file, oci:// or a library name";
/// What the host name is for.
pub const EXPORT_HOST: &str = "The name by which HTTP requests find the workload";
/// What the dialog for imports is for.
pub const IMPORT_HELP: &str = "A WorkloadDeployment for wasmCloud's Kubernetes operator becomes a workload. The manifest stays as it is.";
/// A workload that came from a manifest has no file.
pub const IMPORT_UNSAVED: &str = "The workload is open, and not saved yet.";
/// Before the workbench has answered.
pub const LOADING: &str = "Asking the workbench…";
/// Samples are missing.
pub const NO_SAMPLES: &str = "No samples found. `cargo xtask samples` builds them.";

/// There is no connection.
pub const MCP_EMPTY: &str = "Connect to a workload, a program or an address to call its tools.";
/// A server is connected, and nothing of it is selected.
pub const MCP_NOTHING_SELECTED: &str = "Select a tool to see what it takes, and call it.";
/// Before the first call.
pub const MCP_NO_ANSWER: &str = "Nothing called yet. The result appears here.";
/// No session is shown.
pub const SESSION_EMPTY: &str = "Select a session to see its frames.";
/// Nothing is recorded.
pub const SESSION_NONE: &str = "Nothing recorded yet. Every MCP connection is recorded here.";
/// No frame is selected.
pub const SESSION_NO_FRAME: &str = "Select a frame to see its bytes.";

/// There is no workload whose calls could be observed.
pub const TRACES_NO_WORKLOAD: &str =
    "Open a workload and observe it to see what its calls do, or open a recording.";
/// Nothing is observed.
pub const TRACES_OFF: &str = "No traces yet, because nothing is observed. Observe the workload to see every call between its components, with arguments, results and times.";
/// Something is observed, and no call has come.
pub const TRACES_WAITING: &str =
    "No traces yet. Calls into the workload, and those that its service makes, appear here as they end.";
/// The filter lets nothing through.
pub const TRACES_ALL_FILTERED: &str = "No trace matches the filter.";
/// No trace is selected.
pub const TRACE_NONE_SELECTED: &str = "Select a trace to see what its call caused.";
/// The trace has not come yet.
pub const TRACE_LOADING: &str = "Reading the trace…";
/// No row of the trace is selected.
pub const TRACE_NO_ROW: &str = "Select a row to see its whole values.";
/// A call without values.
pub const TRACE_NO_VALUES: &str =
    "No values: the function takes and returns none, or only times were observed.";
/// Where a collector listens.
pub const COLLECTOR_HINT: &str = "http://127.0.0.1:4318";

/// Nothing is observed of a link.
pub const LINK_NOT_OBSERVED: &str = "Not observed. Calls leave no trace, and cost nothing more.";
/// A link was observed, and nothing went over it.
pub const NEVER_CALLED: &str = "imported but never called";
/// Calls from outside were waited for, and none came.
pub const NO_CALL_FROM_OUTSIDE: &str = "No call from outside yet.";
/// A link is observed, and the workload does not run.
pub const NO_CALL_YET: &str = "No call yet.";
/// A condition for any function.
pub const CONDITION_EXAMPLE: &str = "args.a > 3";
/// What a failure gives back if nothing is said.
pub const FAILURE_HINT: &str = "the simplest error, or a trap";
/// An argument that cannot be changed.
pub const HELD_HANDLE: &str = "It holds handles, which cannot be written down, and is passed as it is";

/// The rule that made a link, as a sentence.
#[must_use]
pub fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Explicit => "a [[links]] row of the workload file says so",
        Rule::SameName => "exactly one component exports it under this name",
        Rule::CompatibleVersion => "exactly one component exports it in a compatible version",
        Rule::Chain => "several components pass it on, each to the next in the workload file",
        Rule::HighestVersion => "of several compatible versions it is the highest",
        Rule::HostPlugin => "a host plugin has the interface in a compatible version",
        Rule::TypesAlone => "only types are imported, and each component has its own of them",
    }
}

/// What a state means for the user.
#[must_use]
pub fn state(state: &WorkloadState) -> String {
    match state {
        WorkloadState::Stopped => "Not running".to_owned(),
        WorkloadState::Starting => "Compiling and starting".to_owned(),
        WorkloadState::Running => "Running".to_owned(),
        WorkloadState::Completed => "The service returned without an error".to_owned(),
        WorkloadState::Failed { component: Some(component), reason, .. } => {
            format!("Failed in {component}: {reason}")
        }
        WorkloadState::Failed { component: None, reason, .. } => format!("Failed: {reason}"),
    }
}
