//! Closing the window while something in it is not saved. The page says when that is so; closing then
//! is a question that it asks the user. A page that does not answer must not keep its window open: the
//! second attempt closes it.

use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{Emitter as _, Manager as _, Window, WindowEvent};

/// What the page hears of it.
const CLOSE_WANTED: &str = "close-wanted";

/// Whether closing is left to the page.
#[derive(Default)]
pub(crate) struct CloseGuard {
    is_held: AtomicBool,
    is_asked: AtomicBool,
}

impl CloseGuard {
    /// The page said whether something is not saved, and so is alive.
    pub(crate) fn hold(&self, is_held: bool) {
        self.is_held.store(is_held, Ordering::SeqCst);
        self.is_asked.store(false, Ordering::SeqCst);
    }

    fn must_ask(&self) -> bool {
        self.is_held.load(Ordering::SeqCst) && !self.is_asked.swap(true, Ordering::SeqCst)
    }
}

/// Leaves closing to the page where it must be.
pub(crate) fn on_window_event(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event
        && window.state::<CloseGuard>().must_ask()
        && window.emit(CLOSE_WANTED, ()).is_ok()
    {
        api.prevent_close();
    }
}

#[cfg(test)]
mod tests {
    use super::CloseGuard;

    #[test]
    fn a_page_that_does_not_answer_is_asked_once() {
        let guard = CloseGuard::default();
        assert!(!guard.must_ask(), "nothing is lost");
        guard.hold(true);
        assert!(guard.must_ask());
        assert!(!guard.must_ask(), "it did not answer");
        guard.hold(true);
        assert!(guard.must_ask());
        guard.hold(false);
        assert!(!guard.must_ask());
    }
}
