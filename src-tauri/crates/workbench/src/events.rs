//! Announcing what happens to any number of readers, none of which can hold up the others.

use jackfield_protocol::Event;
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

/// How many events a reader may lag behind before it misses some.
const CAPACITY: usize = 4096;
/// How many log records or frames one delivered event holds at most.
const BATCH: usize = 1024;

/// Where events are announced.
#[derive(Debug)]
pub(crate) struct Hub {
    sender: broadcast::Sender<Event>,
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(CAPACITY) }
    }

    /// Announces an event to all who listen; never waits.
    pub(crate) fn announce(&self, event: Event) {
        // An error means that nobody listens, which is fine.
        let _ = self.sender.send(event);
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        Subscription { receiver: self.sender.subscribe(), held: None }
    }
}

/// A reader's place in the stream of events.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Event>,
    /// Taken from the channel while gathering log records, and not yet given out.
    held: Option<Event>,
}

impl Subscription {
    /// The next event; `None` when the workbench is gone. Log records that wait are given out
    /// together. A reader that was too slow gets [`Event::Skipped`] in place of what it missed.
    ///
    /// Safe to cancel: no event is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Event> {
        let first = match self.held.take() {
            Some(event) => event,
            None => match self.receiver.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(count)) => Event::Skipped(count),
                Err(RecvError::Closed) => return None,
            },
        };
        Some(self.gather(first))
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<Event> {
        let first = self.held.take().or_else(|| self.try_receive())?;
        Some(self.gather(first))
    }

    fn gather(&mut self, mut first: Event) -> Event {
        match &mut first {
            Event::Logs(records) => self.gather_into(records, |event| match event {
                Event::Logs(more) => Some(more),
                _ => None,
            }),
            Event::Frames(frames) => self.gather_into(frames, |event| match event {
                Event::Frames(more) => Some(more),
                _ => None,
            }),
            _ => {}
        }
        first
    }

    /// Appends what waits and is of the same kind.
    fn gather_into<T>(&mut self, batch: &mut Vec<T>, of_kind: impl Fn(&mut Event) -> Option<&mut Vec<T>>) {
        while batch.len() < BATCH {
            let Some(mut event) = self.try_receive() else { break };
            if let Some(more) = of_kind(&mut event) {
                batch.append(more);
                continue;
            }
            self.held = Some(event);
            break;
        }
    }

    fn try_receive(&mut self) -> Option<Event> {
        match self.receiver.try_recv() {
            Ok(event) => Some(event),
            Err(TryRecvError::Lagged(count)) => Some(Event::Skipped(count)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{LogRecord, LogStream, WorkloadId};

    use super::*;

    fn line(seq: u64) -> Event {
        Event::Logs(vec![LogRecord {
            workload: WorkloadId(1),
            seq,
            time_unix_micros: 0,
            component: "a".into(),
            stream: LogStream::Stdout,
            context: None,
            text: String::new(),
            call: None,
        }])
    }

    #[test]
    fn waiting_log_records_come_together_and_in_order() {
        let hub = Hub::new();
        let mut reader = hub.subscribe();
        for event in [line(1), line(2), Event::Closed(WorkloadId(1)), line(3)] {
            hub.announce(event);
        }
        let Some(Event::Logs(records)) = reader.try_next() else { panic!("logs first") };
        assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(reader.try_next(), Some(Event::Closed(WorkloadId(1))));
        assert_eq!(reader.try_next(), Some(line(3)));
        assert_eq!(reader.try_next(), None);
    }

    #[test]
    fn a_slow_reader_learns_how_much_it_missed() {
        let hub = Hub::new();
        let mut reader = hub.subscribe();
        for seq in 0..CAPACITY as u64 + 5 {
            hub.announce(line(seq));
        }
        assert_eq!(reader.try_next(), Some(Event::Skipped(5)));
        let Some(Event::Logs(records)) = reader.try_next() else { panic!("logs next") };
        assert_eq!(records.first().map(|record| record.seq), Some(5));
    }
}
