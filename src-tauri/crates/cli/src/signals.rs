//! Being told to stop.

use std::io;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use jackfield_protocol::{Error, ErrorKind};
use tokio::sync::mpsc;

use crate::failure::code;

/// How many parts of the process want to be told.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);

/// Says that the work is done: what is left of the process is not to be ended halfway by a first Ctrl-C.
pub(crate) fn work_is_done() {
    LISTENERS.fetch_add(1, Ordering::Relaxed);
}

/// Hears Ctrl-C and, on Unix, SIGTERM. The second time, the process ends at once; and the first time, if
/// nobody listens any more.
#[derive(Debug)]
pub(crate) struct Interrupts {
    first: mpsc::Receiver<()>,
}

impl Interrupts {
    /// From here on Ctrl-C no longer ends the process by itself.
    pub(crate) fn listen() -> Result<Self, Error> {
        let mut source = Source::new()
            .map_err(|error| Error::new(ErrorKind::Host, format!("cannot listen for Ctrl-C: {error}")))?;
        let (sender, first) = mpsc::channel(1);
        LISTENERS.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            source.next().await;
            if sender.send(()).await.is_err() && LISTENERS.load(Ordering::Relaxed) == 0 {
                process::exit(code::INTERRUPTED.into());
            }
            source.next().await;
            process::exit(code::INTERRUPTED.into());
        });
        Ok(Self { first })
    }

    /// Resolves when the user has asked to stop. Safe to cancel.
    pub(crate) async fn first(&mut self) {
        self.first.recv().await;
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        LISTENERS.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Source {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Source {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    async fn next(&mut self) {
        self.interrupt.recv().await;
    }
}
