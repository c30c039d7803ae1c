//! How the host tells what happens.

use jackfield_protocol::{
    CallId, ComponentName, Denial, HeldCall, HoldId, LogStream, Trace, TraceId, WorkloadState,
};

use crate::{NotReloaded, Reloaded};

/// Hears what happens in one workload. Called from the threads that run guests: an implementation
/// must return quickly and must not wait.
pub trait Observer: Send + Sync + 'static {
    /// A component printed a line.
    fn line(&self, line: Line);

    /// The workload reached another state.
    fn state(&self, state: WorkloadState);

    /// Component files had changed, and new calls run what is in them now. What runs already ends on the
    /// code that it began with; so does the service, until the workload is started again.
    fn reloaded(&self, reloaded: Reloaded) {
        let _ = reloaded;
    }

    /// Component files had changed, but what is in them cannot run. What ran before runs on.
    fn not_reloaded(&self, problem: NotReloaded) {
        let _ = problem;
    }

    /// A component wanted something that it may not have. A line of the log says the same. Told once for
    /// each thing wanted, and again after the component's permissions have changed.
    fn denied(&self, denial: Denial) {
        let _ = denial;
    }

    /// A call that was observed is over. Gives the name under which its trace is kept.
    fn traced(&self, trace: Trace) -> TraceId {
        trace.id
    }

    /// A call is held at a breakpoint.
    fn held(&self, call: HeldCall) {
        let _ = call;
    }

    /// A call that was held goes on, or has ended otherwise.
    fn released(&self, hold: HoldId) {
        let _ = hold;
    }
}

/// One line that a component printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was complete: microseconds since 1970-01-01T00:00:00Z.
    pub time_unix_micros: i64,
    /// Who printed it.
    pub component: ComponentName,
    /// Where to.
    pub stream: LogStream,
    /// What a message of `wasi:logging` says it belongs to; nothing for what was printed.
    pub context: Option<String>,
    /// Without its end; what was not UTF-8 is replaced.
    pub text: String,
    /// The call during which it was printed; none for a service's own lines.
    pub call: Option<CallId>,
}
