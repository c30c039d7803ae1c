//! What is piped into `jack up` goes to the workload's service.

use std::io::{self, IsTerminal as _, Read as _};
use std::thread;

use jackfield_protocol::{Request, WorkloadId};
use jackfield_workbench::Workbench;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// How much is read at once.
const MAX_READ_IN_BYTES: usize = 64 * 1024;

/// Forwards standard input until it or the service ends. A terminal is forwarded only if `also_terminal`.
pub(crate) struct Forwarding(Option<AbortHandle>);

impl Forwarding {
    pub(crate) fn start(workbench: &Workbench, workload: WorkloadId, also_terminal: bool) -> Self {
        if io::stdin().is_terminal() && !also_terminal {
            return Self(None);
        }
        let (sender, receiver) = mpsc::channel(1);
        // A thread of its own: reading cannot be interrupted, and must not keep the process from ending.
        thread::spawn(move || read(&sender));
        Self(Some(tokio::spawn(forward(workbench.clone(), workload, receiver)).abort_handle()))
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

fn read(sender: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; MAX_READ_IN_BYTES];
    let mut input = io::stdin().lock();
    // What cannot be read any further has ended, as far as the service is concerned.
    while let Ok(count) = input.read(&mut buffer) {
        let bytes = buffer.get(..count).unwrap_or_default().to_vec();
        if count == 0 || sender.blocking_send(bytes).is_err() {
            break;
        }
    }
}

async fn forward(workbench: Workbench, workload: WorkloadId, mut receiver: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = receiver.recv().await {
        // Refused when there is no service, or none any more: then nobody wants the rest either.
        if workbench.dispatch(Request::Stdin { workload, bytes, close: false }).await.is_err() {
            return;
        }
    }
    let _ = workbench.dispatch(Request::Stdin { workload, bytes: Vec::new(), close: true }).await;
}
