//! Which request a response answers.

use std::collections::HashMap;

use jackfield_protocol::{Frame, FrameKind, FrameWay};

use super::classify::{Envelope, Message};

/// How many requests may wait for their answers. A peer that never answers must not fill the memory.
const MAX_WAITING: usize = 65_536;

/// The requests that have no answer yet, by the exchange that they belong to, the way that they went and their id.
#[derive(Default)]
pub(super) struct Pairing {
    waiting: HashMap<(u64, FrameWay, String), Answered>,
}

/// The request that a frame answers.
#[derive(Clone)]
pub(super) struct Answered {
    pub(super) number: u64,
    pub(super) micros: u64,
    pub(super) method: Option<String>,
    pub(super) subject: Option<String>,
}

/// What a frame has to do with those before it.
#[derive(Default)]
pub(super) struct Paired {
    pub(super) answered: Option<Answered>,
    pub(super) problem: Option<String>,
}

impl Pairing {
    /// Remembers the requests in a frame, and finds those that it answers.
    pub(super) fn pair(&mut self, frame: &Frame, exchange: u64, message: &Message<'_>) -> Paired {
        let mut paired = Paired::default();
        for envelope in message.envelopes() {
            match envelope.kind() {
                Ok(FrameKind::Request) => self.ask(frame, exchange, envelope, &mut paired),
                Ok(FrameKind::Response | FrameKind::Error) => {
                    self.answer(frame, exchange, envelope, &mut paired);
                }
                _ => {}
            }
        }
        paired
    }

    fn ask(&mut self, frame: &Frame, exchange: u64, envelope: &Envelope<'_>, paired: &mut Paired) {
        let Some(id) = envelope.id_text() else { return };
        self.make_room(frame.number);
        let asked = Answered {
            number: frame.number,
            micros: frame.time_micros,
            method: envelope.method(),
            subject: frame.subject.clone(),
        };
        if let Some(before) = self.waiting.insert((exchange, frame.way, id), asked) {
            paired.problem =
                Some(format!("its id is that of frame {}, which waits for its answer", before.number));
        }
    }

    fn answer(&mut self, frame: &Frame, exchange: u64, envelope: &Envelope<'_>, paired: &mut Paired) {
        let Some(id) = envelope.id_text() else { return };
        match self.waiting.remove(&(exchange, opposite(frame.way), id)) {
            Some(asked) => paired.answered = paired.answered.take().or(Some(asked)),
            None => paired.problem = Some("no request with its id waits for an answer".to_owned()),
        }
    }

    /// Forgets the older half of the requests when there are too many.
    fn make_room(&mut self, newest: u64) {
        if self.waiting.len() < MAX_WAITING {
            return;
        }
        let mut numbers: Vec<u64> = self.waiting.values().map(|asked| asked.number).collect();
        numbers.sort_unstable();
        let middle = numbers.get(numbers.len() / 2).copied().unwrap_or(newest);
        self.waiting.retain(|_, asked| asked.number > middle);
    }
}

fn opposite(way: FrameWay) -> FrameWay {
    match way {
        FrameWay::ToServer => FrameWay::ToClient,
        FrameWay::ToClient => FrameWay::ToServer,
    }
}
