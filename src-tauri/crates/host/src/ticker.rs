//! Moves the engines' epochs on while guests compute, so that one that computes without end gives way.
//!
//! Only guests that compute at this moment count: one that sleeps or waits for the host needs no epoch.
//! The thread is parked for as long as none computes, so a host whose guests wait uses no CPU.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use wasmtime::Engine;

/// The longest time that a guest computes before others have their turn, and before it notices
/// that it was stopped.
const PERIOD: Duration = Duration::from_millis(10);

#[derive(Default)]
struct Shared {
    computing: AtomicUsize,
    closed: AtomicBool,
    engines: Mutex<Vec<Engine>>,
}

impl Shared {
    fn engines(&self) -> MutexGuard<'_, Vec<Engine>> {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The engines' ticker; its thread ends when it is dropped.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

impl Ticker {
    pub(crate) fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("epoch".to_owned()).spawn(move || tick(&for_thread))?;
        Ok(Self { shared, thread: thread.thread().clone() })
    }

    /// Moves this engine's epoch on as well from now on.
    pub(crate) fn add(&self, engine: &Engine) {
        self.shared.engines().push(engine.clone());
    }

    /// `guest`, with the epoch moving whenever it computes.
    pub(crate) async fn drive<F: Future>(&self, guest: F) -> F::Output {
        let mut guest = pin!(guest);
        poll_fn(|context| {
            let _computing = self.computing();
            guest.as_mut().poll(context)
        })
        .await
    }

    fn computing(&self) -> Computing<'_> {
        // Sequentially consistent with the load in `tick`: either the thread sees this guest, or it
        // finds the token that unparks it.
        if self.shared.computing.fetch_add(1, Ordering::SeqCst) == 0 {
            self.thread.unpark();
        }
        Computing(&self.shared)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

fn tick(shared: &Shared) {
    while !shared.closed.load(Ordering::SeqCst) {
        if shared.computing.load(Ordering::SeqCst) == 0 {
            thread::park();
        } else {
            thread::sleep(PERIOD);
            shared.engines().iter().for_each(Engine::increment_epoch);
        }
    }
}

/// A guest that computes right now.
struct Computing<'a>(&'a Shared);

impl Drop for Computing<'_> {
    fn drop(&mut self) {
        self.0.computing.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Config;

    use super::*;

    #[tokio::test]
    async fn only_a_guest_that_computes_counts() {
        let ticker = Ticker::start().unwrap();
        ticker.add(&Engine::new(Config::new().epoch_interruption(true)).unwrap());
        let count = || ticker.shared.computing.load(Ordering::SeqCst);
        ticker
            .drive(async {
                assert_eq!(count(), 1);
                tokio::task::yield_now().await;
                assert_eq!(count(), 1);
            })
            .await;
        assert_eq!(count(), 0);
        let mut waiting = pin!(ticker.drive(std::future::pending::<()>()));
        assert!(waits_after_a_poll(waiting.as_mut()));
        assert_eq!(count(), 0, "a guest that waits does not");
    }

    /// Polls once; true if it waits.
    fn waits_after_a_poll(future: std::pin::Pin<&mut impl Future>) -> bool {
        future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending()
    }
}
