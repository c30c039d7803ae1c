//! The backend over the shell's IPC.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use egui::Context;
use jackfield_protocol::{Error, ErrorKind, Event, Request, Response, WorkloadId};
use js_sys::{Function, Promise};
use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::js;
use crate::backend::{self, Backend, Incoming, Ticket};
use crate::model::PathWish;

/// Where everything that arrives waits for the next frame.
#[derive(Clone, Default)]
struct Inbox {
    incoming: Rc<RefCell<VecDeque<Incoming>>>,
    ctx: Option<Context>,
}

impl Inbox {
    fn put(&self, incoming: impl IntoIterator<Item = Incoming>) {
        let mut is_calm = true;
        let incoming = incoming.into_iter();
        self.incoming.borrow_mut().extend(incoming.inspect(|arrived| {
            let can_wait =
                |event: &Event| matches!(event, Event::Logs(_) | Event::Traced(_) | Event::Figures { .. });
            is_calm &= matches!(arrived, Incoming::Event(event) if can_wait(event));
        }));
        if let Some(ctx) = &self.ctx {
            backend::wake(ctx);
        }
        if is_calm { js::wake_calmly() } else { js::wake() }
    }
}

/// The backend in the window: the shell's IPC.
#[derive(Default)]
pub(super) struct ShellBackend {
    inbox: Inbox,
    last_ticket: u64,
}

impl Backend for ShellBackend {
    fn connect(&mut self, ctx: &Context) {
        self.inbox.ctx = Some(ctx.clone());
        let inbox = self.inbox.clone();
        let on_events =
            callback(move |events: Vec<Event>| inbox.put(events.into_iter().map(Incoming::Event)));
        // If it fails, so does every request, which says why.
        spawn_local(ignore(js::subscribe(&on_events)));
        let inbox = self.inbox.clone();
        let on_paths = callback(move |paths: Vec<String>| inbox.put([Incoming::Dropped(paths)]));
        spawn_local(ignore(js::listen_for_drops(&on_paths)));
        let inbox = self.inbox.clone();
        let on_close = callback(move |(): ()| {
            hold_open(true);
            inbox.put([Incoming::CloseWanted]);
        });
        spawn_local(ignore(js::listen_for_close(&on_close)));
        let inbox = self.inbox.clone();
        spawn_local(async move {
            let paths: Vec<String> = answer(js::ask("startup")).await.unwrap_or_default();
            inbox.put(paths.into_iter().map(|path| Incoming::Picked(Some(path))));
        });
    }

    fn send(&mut self, request: Request) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        let inbox = self.inbox.clone();
        spawn_local(async move {
            let result = dispatch(&request).await;
            inbox.put([Incoming::answer(ticket, result)]);
        });
        ticket
    }

    fn poll(&mut self) -> Vec<Incoming> {
        self.inbox.incoming.borrow_mut().drain(..).collect()
    }

    fn pick_workload(&mut self) {
        let inbox = self.inbox.clone();
        spawn_local(async move {
            let picked = answer(js::ask("pick_workload")).await.unwrap_or_default();
            inbox.put([Incoming::Picked(picked)]);
        });
    }

    fn pick_save(&mut self, workload: WorkloadId, file_name: &str) {
        let inbox = self.inbox.clone();
        let args = serde_json::json!({ "fileName": file_name }).to_string();
        spawn_local(async move {
            let path = answer(js::ask_with("pick_save", &args)).await.unwrap_or_default();
            inbox.put([Incoming::PickedSave { workload, path }]);
        });
    }

    fn pick_component(&mut self) {
        let inbox = self.inbox.clone();
        spawn_local(async move {
            let picked = answer(js::ask("pick_component")).await.unwrap_or_default();
            inbox.put([Incoming::PickedComponent(picked)]);
        });
    }

    fn pick_path(&mut self, wish: PathWish) {
        let inbox = self.inbox.clone();
        let (kind, extensions) = wish.kind();
        let args = serde_json::json!({
            "title": wish.title(),
            "fileName": wish.file_name(),
            "kind": kind,
            "extensions": extensions,
        });
        let args = args.to_string();
        spawn_local(async move {
            let path = answer(js::ask_with("pick_path", &args)).await.unwrap_or_default();
            inbox.put([Incoming::PickedPath { wish, path }]);
        });
    }

    fn copy_text(&mut self, text: &str) {
        spawn_local(ignore(js::copy(text)));
    }

    fn hold_open(&mut self, is_held: bool) {
        hold_open(is_held);
    }

    fn quit(&mut self) {
        tell("quit");
    }

    fn recall(&self) -> Option<String> {
        js::recall()
    }

    fn remember(&mut self, preferences: &str) {
        js::remember(preferences);
    }
}

/// Says whether something is not saved; to say it again is to say that the page is alive.
fn hold_open(is_held: bool) {
    let args = serde_json::json!({ "held": is_held }).to_string();
    spawn_local(ignore(js::ask_with("hold_open", &args)));
}

/// Runs a command of the shell whose answer is of no interest.
pub(super) fn tell(command: &str) {
    spawn_local(ignore(js::ask(command)));
}

async fn dispatch(request: &Request) -> Result<Response, Error> {
    let request = serde_json::to_string(request).map_err(|error| strange(&error.to_string()))?;
    answer(js::dispatch(&request)).await
}

/// The value that a promise of JSON gives, or the error that it is rejected with.
async fn answer<T: DeserializeOwned>(promise: Promise) -> Result<T, Error> {
    match JsFuture::from(promise).await {
        Ok(json) => {
            let json = json.as_string().unwrap_or_default();
            serde_json::from_str(&json).map_err(|error| strange(&error.to_string()))
        }
        Err(reason) => {
            let text = reason.as_string().unwrap_or_else(|| format!("{reason:?}"));
            Err(serde_json::from_str(&text).unwrap_or_else(|_| strange(&text)))
        }
    }
}

/// The shell said something that is no answer and no error of the protocol.
fn strange(text: &str) -> Error {
    Error::new(ErrorKind::Request, format!("the window's shell did not understand: {text}"))
        .with_help("window and shell may be of different versions: build both again")
}

async fn ignore(promise: Promise) {
    let _ = JsFuture::from(promise).await;
}

/// A function for the page that takes JSON. It lives as long as the page.
fn callback<T: DeserializeOwned + 'static>(take: impl Fn(T) + 'static) -> Function {
    let closure = Closure::<dyn Fn(JsValue)>::new(move |json: JsValue| {
        let json = json.as_string().unwrap_or_default();
        match serde_json::from_str(&json) {
            Ok(value) => take(value),
            Err(error) => js::fail(&format!("the shell sent what the window cannot read: {error}")),
        }
    });
    closure.into_js_value().unchecked_into()
}
