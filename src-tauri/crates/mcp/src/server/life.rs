//! What runs for a server, so that stopping it can wait for the end.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Shared by everything that runs for one server.
#[derive(Debug, Clone, Default)]
pub(super) struct Life {
    /// Fires when the server shall stop. Running calls fail then, and say so to their clients.
    pub(super) stop: CancellationToken,
    /// The calls that run.
    pub(super) calls: TaskTracker,
    /// The conversations that go on.
    pub(super) sessions: TaskTracker,
    /// What watches over them. Each ends with its conversation.
    pub(super) watchers: TaskTracker,
}

impl Life {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { stop, ..Self::default() }
    }

    /// Waits until no call runs.
    pub(super) async fn idle(&self) {
        self.calls.close();
        self.calls.wait().await;
    }

    /// Waits until no conversation goes on.
    pub(super) async fn over(&self) {
        for tracker in [&self.sessions, &self.watchers] {
            tracker.close();
            tracker.wait().await;
        }
    }
}
