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

/// Hears Ctrl-C and, on Unix, SIGTERM and SIGHUP, which says that the terminal was closed. At the second Ctrl-C or
/// SIGTERM the process ends at once; and at the first of all, if nobody listens any more.
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
            source.first().await;
            if sender.send(()).await.is_err() && LISTENERS.load(Ordering::Relaxed) == 0 {
                process::exit(code::INTERRUPTED.into());
            }
            source.again().await;
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
    /// Nothing if whoever started the process wants it to outlive the terminal.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Source {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = if outlives_terminal() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
        })
    }

    async fn first(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hang_up => {}
        }
    }

    /// A terminal that closes can say so twice, by the kernel and by the shell: only the others mean at once.
    async fn again(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Whether the process was started with SIGHUP ignored, as `nohup` does. Found out once: what listens for it
/// ends that.
#[cfg(target_os = "linux")]
fn outlives_terminal() -> bool {
    static AT_START: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *AT_START.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignores_hang_up(&status)
    })
}

/// By what `proc(5)` says of the process: a mask of signals, whose lowest bit is signal 1, SIGHUP.
#[cfg(target_os = "linux")]
fn ignores_hang_up(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// Whether the process was started by `nohup`, as far as can be seen: that leaves it no output to a terminal.
#[cfg(all(unix, not(target_os = "linux")))]
fn outlives_terminal() -> bool {
    use std::io::IsTerminal as _;
    !io::stdout().is_terminal() && !io::stderr().is_terminal()
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

    async fn first(&mut self) {
        self.interrupt.recv().await;
    }

    async fn again(&mut self) {
        self.interrupt.recv().await;
    }
}
