//! How the host tells what happens.

use jackfield_protocol::{CallId, ComponentName, Denial, LogStream, WorkloadState};

/// Hears what happens in one workload. Called from the threads that run guests: an implementation
/// must return quickly and must not wait.
pub trait Observer: Send + Sync + 'static {
    /// A component printed a line.
    fn line(&self, line: Line);

    /// The workload reached another state.
    fn state(&self, state: WorkloadState);

    /// A component wanted something that it may not have. A line of the log says the same. Told once for
    /// each thing wanted, and again after the component's permissions have changed.
    fn denied(&self, _denial: Denial) {}
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
    /// Without its end; what was not UTF-8 is replaced.
    pub text: String,
    /// The call during which it was printed; none for a service's own lines.
    pub call: Option<CallId>,
}
