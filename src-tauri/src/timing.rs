//! How long the window takes to appear, for whoever sets `JACKFIELD_TIMING=1`.

use std::sync::Once;
use std::time::Instant;

/// Measures from the start of the process.
#[derive(Debug)]
pub(crate) struct Timing {
    started: Instant,
    is_wanted: bool,
    once: Once,
}

impl Timing {
    /// To be called before anything else.
    pub(crate) fn begin() -> Self {
        let is_wanted = std::env::var_os("JACKFIELD_TIMING").is_some_and(|value| value == "1");
        Self { started: Instant::now(), is_wanted, once: Once::new() }
    }

    /// Tells how long it took until now, the first time that it is called.
    pub(crate) fn first_frame(&self) {
        if self.is_wanted {
            let millis = self.started.elapsed().as_millis();
            self.once.call_once(|| eprintln!("first frame after {millis} ms"));
        }
    }
}
