//! A workbench in the same process as the UI.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::time::Duration;

use jackfield_protocol::{Request, Response};
use jackfield_ui::backend::wake;
use jackfield_ui::{Backend, Incoming, Ticket};
use jackfield_workbench::{Config, Workbench};
use tokio::runtime::Runtime;

/// Frames are also drawn because time passes, for what moves by itself.
const FRAME: Duration = Duration::from_millis(50);

/// Rings when something arrives for the window.
pub(super) struct Bell(Receiver<()>);

impl Bell {
    /// Returns when it rings, or when the next frame is due.
    pub(super) fn wait(&self) {
        // That it did not ring is as good a reason to draw.
        let _ = self.0.recv_timeout(FRAME);
    }
}

/// The backend. Dropping it stops everything.
pub(super) struct InProcess {
    runtime: Runtime,
    workbench: Workbench,
    arrivals: Receiver<Incoming>,
    inbox: Inbox,
    next_ticket: u64,
    /// What the user chooses in the open dialog.
    choice: Option<String>,
}

/// Where tasks put what arrives.
#[derive(Clone)]
struct Inbox {
    sender: Sender<Incoming>,
    bell: SyncSender<()>,
    window: Option<egui::Context>,
}

impl Inbox {
    fn put(&self, incoming: Incoming) {
        // Errors mean that the window is gone, or that the bell has not been heard yet.
        let _ = self.sender.send(incoming);
        let _ = self.bell.try_send(());
        self.window.as_ref().inspect(|window| wake(window));
    }
}

impl InProcess {
    /// A workbench that offers the samples in `samples_dir` and forgets what it compiled.
    pub(super) fn start(samples_dir: PathBuf) -> anyhow::Result<(Self, Bell)> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let config = Config { samples_dir: Some(samples_dir), ..Config::default() };
        let workbench = Workbench::new(config)?;
        let (sender, arrivals) = mpsc::channel();
        let (bell, heard) = mpsc::sync_channel(1);
        let inbox = Inbox { sender, bell, window: None };
        Ok((Self { runtime, workbench, arrivals, inbox, next_ticket: 0, choice: None }, Bell(heard)))
    }

    /// The same where the user always chooses this workload.
    pub(super) fn choosing(mut self, path: &Path) -> Self {
        self.choice = Some(path.display().to_string());
        self
    }
}

impl Backend for InProcess {
    fn connect(&mut self, ctx: &egui::Context) {
        self.inbox.window = Some(ctx.clone());
        let mut events = self.workbench.subscribe();
        let inbox = self.inbox.clone();
        self.runtime.spawn(async move {
            while let Some(event) = events.next().await {
                inbox.put(Incoming::Event(event));
            }
        });
    }

    fn send(&mut self, request: Request) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let (workbench, inbox) = (self.workbench.clone(), self.inbox.clone());
        self.runtime.spawn(async move {
            let result: Result<Response, _> = workbench.dispatch(request).await;
            inbox.put(Incoming::answer(ticket, result));
        });
        ticket
    }

    fn poll(&mut self) -> Vec<Incoming> {
        self.arrivals.try_iter().collect()
    }

    fn pick_workload(&mut self) {
        self.inbox.put(Incoming::Picked(self.choice.clone()));
    }

    fn copy_text(&mut self, _text: &str) {}
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.runtime.block_on(self.workbench.shutdown());
    }
}
