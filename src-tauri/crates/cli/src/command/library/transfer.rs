//! A pull or a push, its progress, and giving it up.

use std::time::Duration;

use jackfield_protocol::{Error, Event, LibraryRequest, LibraryResponse};
use jackfield_workbench::Workbench;
use tokio::time::{MissedTickBehavior, interval};

use super::ask;
use crate::asked::Asked;
use crate::meter::Meter;
use crate::signals::Interrupts;

/// Between two attempts to give a transfer up: one that has not quite begun does not hear the first.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// Sends a request that moves bytes, shows how far it is, and gives it up when the user asks for that.
pub(in crate::command) async fn follow(
    workbench: &Workbench,
    reference: &str,
    request: LibraryRequest,
) -> Result<LibraryResponse, Error> {
    let mut interrupts = Interrupts::listen()?;
    let mut events = workbench.subscribe();
    let mut meter = Meter::default();
    let mut attempts = interval(TRY_AGAIN);
    attempts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_unwanted = false;
    let mut transfer = Asked::work({
        let workbench = workbench.clone();
        async move { ask(&workbench, request).await }
    });
    loop {
        tokio::select! {
            biased;
            () = interrupts.first(), if !is_unwanted => is_unwanted = true,
            response = transfer.answer() => return response,
            _ = attempts.tick(), if is_unwanted => {
                ask(workbench, LibraryRequest::Cancel { reference: reference.to_owned() }).await?;
            }
            Some(event) = events.next() => if let Event::Transfer(transfer) = event {
                meter.show(&transfer);
            },
        }
    }
}
