//! A backend that remembers what it was asked and answers when told to.

use std::cell::RefCell;
use std::rc::Rc;

use jackfield_protocol::{Error, Event, Request, Response, WorkloadId};

use crate::backend::{self, Backend, Incoming, Ticket};
use crate::model::PathWish;

#[derive(Default)]
struct Tape {
    ctx: Option<egui::Context>,
    last_ticket: u64,
    requests: Vec<(Ticket, Request)>,
    incoming: Vec<Incoming>,
    copied: Vec<String>,
    remembered: Option<String>,
    picks: usize,
    is_held_open: bool,
    component_picks: usize,
    saves: Vec<(WorkloadId, String)>,
    path_picks: Vec<PathWish>,
    quits: usize,
}

/// A handle on the recording; the app has another.
#[derive(Clone, Default)]
pub(super) struct Recorded(Rc<RefCell<Tape>>);

impl Recorded {
    /// What was asked so far and has not been answered.
    pub(super) fn open_requests(&self) -> Vec<Request> {
        self.0.borrow().requests.iter().map(|(_, request)| request.clone()).collect()
    }

    /// Answers the oldest open request that is like this one.
    pub(super) fn answer(&self, request: &Request, result: Result<Response, Error>) {
        let mut tape = self.0.borrow_mut();
        let at = tape.requests.iter().position(|(_, open)| open == request);
        let at = at.unwrap_or_else(|| panic!("{request:?} was not asked: {:?}", tape.requests));
        let (ticket, _) = tape.requests.remove(at);
        tape.put(Incoming::answer(ticket, result));
    }

    pub(super) fn announce(&self, event: Event) {
        self.0.borrow_mut().put(Incoming::Event(event));
    }

    pub(super) fn drop_files(&self, paths: &[&str]) {
        let paths = paths.iter().map(ToString::to_string).collect();
        self.0.borrow_mut().put(Incoming::Dropped(paths));
    }

    pub(super) fn copied(&self) -> Vec<String> {
        self.0.borrow().copied.clone()
    }

    pub(super) fn remembered(&self) -> Option<String> {
        self.0.borrow().remembered.clone()
    }

    pub(super) fn picks(&self) -> usize {
        self.0.borrow().picks
    }

    pub(super) fn is_held_open(&self) -> bool {
        self.0.borrow().is_held_open
    }

    pub(super) fn component_picks(&self) -> usize {
        self.0.borrow().component_picks
    }

    /// The save dialogs that were asked for.
    pub(super) fn saves(&self) -> Vec<(WorkloadId, String)> {
        self.0.borrow().saves.clone()
    }

    /// The dialogs for files of traces that were asked for.
    pub(super) fn path_picks(&self) -> Vec<PathWish> {
        self.0.borrow().path_picks.clone()
    }

    /// Something that the shell does of itself.
    pub(super) fn arrive(&self, incoming: Incoming) {
        self.0.borrow_mut().put(incoming);
    }

    pub(super) fn quits(&self) -> usize {
        self.0.borrow().quits
    }
}

impl Tape {
    fn put(&mut self, incoming: Incoming) {
        self.incoming.push(incoming);
        if let Some(ctx) = &self.ctx {
            backend::wake(ctx);
        }
    }
}

impl Backend for Recorded {
    fn connect(&mut self, ctx: &egui::Context) {
        self.0.borrow_mut().ctx = Some(ctx.clone());
    }

    fn send(&mut self, request: Request) -> Ticket {
        let mut tape = self.0.borrow_mut();
        tape.last_ticket += 1;
        let ticket = Ticket(tape.last_ticket);
        tape.requests.push((ticket, request));
        ticket
    }

    fn poll(&mut self) -> Vec<Incoming> {
        std::mem::take(&mut self.0.borrow_mut().incoming)
    }

    fn pick_workload(&mut self) {
        self.0.borrow_mut().picks += 1;
    }

    fn hold_open(&mut self, is_held: bool) {
        self.0.borrow_mut().is_held_open = is_held;
    }

    fn pick_component(&mut self) {
        self.0.borrow_mut().component_picks += 1;
    }

    fn pick_save(&mut self, workload: WorkloadId, file_name: &str) {
        self.0.borrow_mut().saves.push((workload, file_name.to_owned()));
    }

    fn pick_path(&mut self, wish: PathWish) {
        self.0.borrow_mut().path_picks.push(wish);
    }

    fn copy_text(&mut self, text: &str) {
        self.0.borrow_mut().copied.push(text.to_owned());
    }

    fn quit(&mut self) {
        self.0.borrow_mut().quits += 1;
    }

    fn recall(&self) -> Option<String> {
        self.0.borrow().remembered.clone()
    }

    fn remember(&mut self, preferences: &str) {
        self.0.borrow_mut().remembered = Some(preferences.to_owned());
    }
}
