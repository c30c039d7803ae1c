//! The workbench's events on their way to the page.
//!
//! Each message wakes the page and costs it a frame, so messages are limited to a little more than
//! what an eye can follow; events that come in between travel together. An event that comes after
//! a pause is not delayed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jackfield_protocol::Event;
use jackfield_workbench::Subscription;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokio::time::{Instant, sleep_until};

/// The shortest time between two messages: at most thirty a second.
const PACE: Duration = Duration::from_millis(33);
/// How many events travel in one message at most, each of which may hold a thousand log lines.
const LONGEST_MESSAGE: usize = 64;

/// The page's subscription. There is one page, so that there is at most one.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    current: Mutex<Option<JoinHandle<()>>>,
}

impl Feed {
    /// Sends `events` down `channel` from now on, as JSON text. A page that was loaded again subscribes again;
    /// what the old page followed ends.
    pub(crate) fn follow(&self, events: Subscription, channel: Channel<String>) {
        let send = move |batch: Vec<Event>| match serde_json::to_string(&batch) {
            Ok(json) => channel.send(json).is_ok(),
            Err(_) => false,
        };
        let task = tauri::async_runtime::spawn(pump(events, send));
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = current.replace(task) {
            old.abort();
        }
    }
}

/// Ends when the workbench is gone, or `send` says that the page is.
async fn pump(mut events: Subscription, send: impl Fn(Vec<Event>) -> bool) {
    while let Some(first) = events.next().await {
        let next_message = Instant::now() + PACE;
        let mut batch = vec![first];
        while batch.len() < LONGEST_MESSAGE
            && let Some(event) = events.try_next()
        {
            batch.push(event);
        }
        if !send(batch) {
            break;
        }
        sleep_until(next_message).await;
    }
}
