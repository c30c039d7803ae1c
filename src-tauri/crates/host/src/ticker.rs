//! Moves an engine's epoch on, so that a guest that computes without end gives way.
//!
//! The thread sleeps for as long as no guest runs: an idle host uses no CPU.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use wasmtime::Engine;

/// The longest time that a guest computes before others have their turn, and before it notices
/// that it was stopped.
pub(crate) const PERIOD: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    closed: bool,
}

impl Shared {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until a guest runs; false when the ticker is gone.
    fn wait_for_work(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self
            .changed
            .wait_while(state, |state| state.running == 0 && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        !state.closed
    }
}

/// One engine's ticker; its thread ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Ticker(Arc<Shared>);

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (engine, for_thread) = (engine.clone(), Arc::clone(&shared));
        thread::Builder::new().name("epoch".to_owned()).spawn(move || {
            while for_thread.wait_for_work() {
                thread::sleep(PERIOD);
                engine.increment_epoch();
            }
        })?;
        Ok(Self(shared))
    }

    /// The epoch moves on for as long as the guard lives.
    pub(crate) fn tick(&self) -> Ticking {
        self.0.update(|state| state.running += 1);
        Ticking(Arc::clone(&self.0))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.update(|state| state.closed = true);
    }
}

/// Keeps the epoch moving.
#[derive(Debug)]
pub(crate) struct Ticking(Arc<Shared>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.update(|state| state.running -= 1);
    }
}
