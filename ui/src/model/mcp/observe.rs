//! What arrives about MCP, and what the model makes of it.

use jackfield_protocol::{
    ConnectionId, ConnectionView, Error, ErrorKind, Event, McpNotice, McpResponse, Response, SessionId,
    Ticket,
};
use serde_json::Value;

use super::super::Notice;
use super::offer::{self, Offer};
use super::room::{Answer, MAX_OFFERS};
use super::{Effect, McpPurpose, Model, OfferKey, OfferKind, Purpose, SessionAction};

impl Model {
    pub(in crate::model) fn mcp_answered(&mut self, purpose: &Purpose, response: Response) -> Vec<Effect> {
        let Purpose::Mcp(purpose) = purpose else { return Vec::new() };
        match (purpose, response) {
            (McpPurpose::Connect(endpoint), Response::Connected(view)) => {
                self.mcp.draft = None;
                self.mcp.shown = Some(view.id);
                self.mcp.typed.insert(view.id, endpoint.clone());
                // An event about it may have come before, and would know better.
                if self.mcp.connection(view.id).is_none() {
                    return self.mcp.put(view);
                }
            }
            (McpPurpose::List { connection, kind, generation }, Response::Mcp(response)) => {
                let (offers, next) = match response {
                    McpResponse::Tools { tools, next } => {
                        (tools.into_iter().map(Offer::from).collect(), next)
                    }
                    McpResponse::Result(result) => offer::page(*kind, &result),
                    McpResponse::Called(_) => return Vec::new(),
                };
                return self.listed(*connection, *kind, *generation, offers, next);
            }
            (McpPurpose::Use { connection, ticket, key }, Response::Mcp(response)) => {
                let answer = match response {
                    McpResponse::Called(outcome) => Answer {
                        duration_micros: Some(outcome.duration_micros),
                        request_frame: Some(outcome.request_frame),
                        ..Answer::new(outcome.result, outcome.is_error)
                    },
                    McpResponse::Result(result) => Answer::new(result, false),
                    McpResponse::Tools { .. } => Answer::new(Value::Null, false),
                };
                self.used(*connection, *ticket, key, answer);
            }
            (McpPurpose::Sessions, Response::Sessions(sessions)) => {
                self.session.replace(sessions);
                return self.show_some_session();
            }
            (McpPurpose::Frames(id), Response::Frames(page)) => {
                if let Some(open) = self.session.open.as_mut().filter(|open| open.id == *id) {
                    return open.page(page);
                }
            }
            (McpPurpose::Bytes(id, number), Response::FrameBytes(bytes)) => {
                if let Some(open) = self.session.open.as_mut().filter(|open| open.id == *id) {
                    open.set_bytes(*number, Ok(bytes));
                }
            }
            (McpPurpose::Send(session), Response::Sent { frame }) => return self.was_sent(session, frame),
            _ => {}
        }
        Vec::new()
    }

    /// What was asked for is done, and there is nothing to tell.
    pub(in crate::model) fn mcp_done(&mut self, purpose: &McpPurpose) {
        match purpose {
            McpPurpose::Forget(id) => self.mcp.remove(*id),
            McpPurpose::Delete(id) => self.session.forget(id),
            _ => {}
        }
    }

    fn listed(
        &mut self,
        id: ConnectionId,
        kind: OfferKind,
        generation: u32,
        offers: Vec<Offer>,
        next: Option<String>,
    ) -> Vec<Effect> {
        let Some(connection) = self.mcp.connection_mut(id) else { return Vec::new() };
        let list = connection.lists.entry(kind).or_default();
        if list.generation != generation {
            return Vec::new();
        }
        list.coming.extend(offers);
        if let Some(cursor) = &next {
            if !list.cursors.contains(cursor) && list.coming.len() < MAX_OFFERS {
                list.cursors.push(cursor.clone());
                return self.mcp.next_page(id, kind, next).into_iter().collect();
            }
            list.error = Some("The server's list has no end; what came so far is shown".to_owned());
        }
        list.offers = std::mem::take(&mut list.coming);
        list.is_loading = false;
        let chosen = connection.selected.clone().filter(|key| key.kind == kind);
        if let Some(key) = chosen.filter(|_| self.mcp.shown == Some(id)) {
            self.mcp.select(key, &self.preferences.mcp);
        }
        Vec::new()
    }

    fn used(&mut self, id: ConnectionId, ticket: Ticket, key: &OfferKey, mut answer: Answer) {
        self.mcp.running.retain(|running| running.ticket != ticket);
        let Some(connection) = self.mcp.connection_mut(id) else { return };
        if let Some(before) = connection.answers.get(key) {
            answer.shows_tree = before.shows_tree;
        }
        connection.answers.insert(key.clone(), answer);
    }

    fn was_sent(&mut self, session: &SessionId, frame: u64) -> Vec<Effect> {
        let Some(open) = &mut self.session.open else { return Vec::new() };
        if open.id == *session {
            open.sent = Some(frame);
            open.reveal += 1;
            return open.select(frame);
        }
        self.apply_to_session(SessionAction::OpenAt(session.clone(), frame))
    }

    pub(in crate::model) fn mcp_failed(&mut self, purpose: &McpPurpose, error: &Error) {
        let attempt = match purpose {
            McpPurpose::Connect(_) => {
                let words = error.to_string();
                match &mut self.mcp.draft {
                    Some(draft) => draft.error = Some(words),
                    None => self.notify(Notice::from_error(0, "Could not connect", error)),
                }
                return;
            }
            McpPurpose::List { connection, kind, generation } => {
                if let Some(connection) = self.mcp.connection_mut(*connection) {
                    let list = connection.lists.entry(*kind).or_default();
                    if list.generation == *generation {
                        (list.is_loading, list.error) = (false, Some(error.to_string()));
                    }
                }
                return;
            }
            McpPurpose::Use { connection, ticket, key } => {
                let lead = match error.kind {
                    ErrorKind::Cancelled => "Cancelled: ",
                    ErrorKind::TimedOut => "Timed out: ",
                    _ => "",
                };
                let answer = Answer::failure(format!("{lead}{error}"));
                return self.used(*connection, *ticket, key, answer);
            }
            McpPurpose::Frames(id) => {
                if let Some(open) = self.session.open.as_mut().filter(|open| open.id == *id) {
                    open.failed(error);
                }
                return;
            }
            McpPurpose::Bytes(id, number) => {
                if let Some(open) = self.session.open.as_mut().filter(|open| open.id == *id) {
                    open.set_bytes(*number, Err(error.to_string()));
                }
                return;
            }
            // What was to be cancelled may have ended by itself.
            McpPurpose::Cancel(_) => return,
            McpPurpose::Disconnect(_) => "Could not close the connection",
            McpPurpose::Forget(_) => "Could not remove the connection",
            McpPurpose::LogLevel => "Could not set the log level",
            McpPurpose::Serve(_) => "Could not serve the workload",
            McpPurpose::StopServing(_) => "Could not stop serving the workload",
            McpPurpose::Sessions => "Could not list the sessions",
            McpPurpose::Send(_) => "Could not send the message",
            McpPurpose::Delete(_) => "Could not delete the session",
        };
        self.notify(Notice::from_error(0, attempt, error));
    }

    pub(in crate::model) fn mcp_event(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Connection(view) => self.mcp.put(view),
            Event::Forgotten(id) => {
                self.mcp.remove(id);
                Vec::new()
            }
            Event::Session(view) => {
                self.session.put(view);
                Vec::new()
            }
            Event::Frames(frames) => self.session.came_by(frames),
            Event::Notice { connection, notice } => self.noticed(connection, &notice),
            _ => Vec::new(),
        }
    }

    fn noticed(&mut self, id: ConnectionId, notice: &McpNotice) -> Vec<Effect> {
        if let McpNotice::Progress { ticket, progress, total, message } = notice {
            let running = self.mcp.running.iter_mut().find(|running| running.ticket == *ticket);
            if let Some(running) = running {
                let of = total.as_ref().map(|total| format!(" of {total}")).unwrap_or_default();
                let message = message.as_ref().map(|message| format!(" · {message}")).unwrap_or_default();
                let text = format!("{progress}{of}{message}");
                running.progress = Some(crate::text::shortened(&crate::text::printable(&text), 300).into());
                let number = |text: &str| text.parse::<f32>().ok().filter(|number| number.is_finite());
                let fraction = number(progress).zip(total.as_deref().and_then(number));
                running.fraction = fraction
                    .filter(|(_, total)| *total > 0.0)
                    .map(|(at, total)| (at / total).clamp(0.0, 1.0));
            }
            return Vec::new();
        }
        if let Some(connection) = self.mcp.connection_mut(id) {
            connection.notice(notice);
        }
        let changed: &[OfferKind] = match notice {
            McpNotice::ToolsChanged => &[OfferKind::Tool],
            McpNotice::ResourcesChanged => &[OfferKind::Resource, OfferKind::Template],
            McpNotice::PromptsChanged => &[OfferKind::Prompt],
            _ => &[],
        };
        changed.iter().filter_map(|kind| self.mcp.list(id, *kind)).collect()
    }

    /// The workbench's truth about connections; recordings that are shown are asked for from where they end.
    pub(in crate::model) fn replace_connections(&mut self, views: Vec<ConnectionView>) -> Vec<Effect> {
        let is_gone = |id: ConnectionId| views.iter().all(|view| view.id != id);
        let known = self.mcp.connections.iter().map(|connection| connection.view.id);
        let gone: Vec<ConnectionId> = known.filter(|id| is_gone(*id)).collect();
        for id in gone {
            self.mcp.remove(id);
        }
        let mut effects: Vec<Effect> = views.into_iter().flat_map(|view| self.mcp.put(view)).collect();
        if self.session.is_listed {
            effects.push(self.session.list());
        }
        effects.extend(self.session.open.as_mut().map(super::OpenSession::ask_further));
        effects
    }
}
