//! Calls that are held at a breakpoint, and the person, or the program, that says how they go on.
//!
//! Commands come from standard input, line by line, whether that is a terminal or a pipe. When it ends, nobody can
//! say anything any more: then everything that is held goes on, and nothing is held again.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::thread;

use jackfield_protocol::{Error, Event, HeldCall, Release, Request, WorkloadId};
use jackfield_workbench::Workbench;
use tokio::sync::mpsc;

use crate::output::Output;
use crate::page::Page;
use crate::style::Role;

/// What stands below a held call.
const COMMANDS: &str =
    "`c` continues, `a VALUE` answers, `s NAME=VALUE` sets an argument, `f MESSAGE` fails, `q` stops";

/// Whether the command goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// It does.
    Go,
    /// The user has had enough.
    Stop,
}

/// The calls that are held, and what was said to them.
pub(crate) struct Holds {
    workbench: Workbench,
    workload: WorkloadId,
    /// The oldest first: it is the one that is asked about.
    held: Vec<Held>,
    /// Nothing if nobody is asked.
    lines: Option<mpsc::Receiver<String>>,
}

/// A call, and the arguments that it is to go on with instead of those that it came with, by their names.
struct Held {
    call: HeldCall,
    changed: BTreeMap<String, String>,
}

/// What can be said.
#[derive(Debug, PartialEq, Eq)]
enum Command<'a> {
    Continue,
    Answer(Option<&'a str>),
    Set(&'a str, &'a str),
    Fail(&'a str),
    Quit,
    Unknown,
}

impl<'a> Command<'a> {
    fn read(line: &'a str) -> Self {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "c" | "continue" if rest.is_empty() => Self::Continue,
            "a" | "answer" => Self::Answer((!rest.is_empty()).then_some(rest)),
            "s" | "set" => match rest.split_once('=') {
                Some((name, value)) => Self::Set(name.trim(), value.trim()),
                None => Self::Unknown,
            },
            "f" | "fail" => Self::Fail(if rest.is_empty() { "failed at a breakpoint" } else { rest }),
            "q" | "quit" if rest.is_empty() => Self::Quit,
            _ => Self::Unknown,
        }
    }
}

impl Holds {
    /// Asks on standard input, if there is something to ask about.
    pub(crate) fn new(workbench: &Workbench, workload: WorkloadId, has_breakpoints: bool) -> Self {
        let lines = has_breakpoints.then(|| {
            let (sender, receiver) = mpsc::channel(16);
            // A thread of its own: reading cannot be interrupted, and must not keep the process from ending.
            thread::spawn(move || {
                for line in io::stdin().lock().lines().map_while(Result::ok) {
                    if sender.blocking_send(line).is_err() {
                        return;
                    }
                }
            });
            receiver
        });
        Self { workbench: workbench.clone(), workload, held: Vec::new(), lines }
    }

    /// Takes note of calls that are held, or are no longer.
    pub(crate) fn take(&mut self, event: &Event, output: &Output) {
        match event {
            Event::Held(call) if call.workload == self.workload => {
                self.held.push(Held { call: call.clone(), changed: BTreeMap::new() });
                match self.held.len() {
                    1 => self.ask(output),
                    count => say(output, &format!("{count} calls are held; the oldest goes first")),
                }
            }
            Event::Released(id) => {
                let was_asked_about = self.held.first().is_some_and(|held| held.call.id == *id);
                self.held.retain(|held| held.call.id != *id);
                if was_asked_about {
                    self.ask(output);
                }
            }
            _ => {}
        }
    }

    /// Resolves when something was said while a call is held; nothing at the end of input. Never resolves while
    /// nobody is asked. Safe to cancel.
    pub(crate) async fn said(&mut self) -> Option<String> {
        match &mut self.lines {
            // What is said before there is a question waits for it.
            Some(lines) if !self.held.is_empty() => lines.recv().await,
            _ => std::future::pending().await,
        }
    }

    /// Does what was said to the oldest call that is held.
    pub(crate) async fn obey(&mut self, said: Option<String>, output: &Output) -> Result<Flow, Error> {
        let Some(line) = said else {
            self.lines = None;
            self.release_all().await?;
            say(output, "standard input has ended: all calls go on, and none is held any more");
            return Ok(Flow::Go);
        };
        let Some(held) = self.held.first_mut() else { return Ok(Flow::Go) };
        let how = match Command::read(&line) {
            Command::Continue if !held.changed.is_empty() => Release::Change(held.changed.clone()),
            Command::Continue => Release::Continue,
            Command::Answer(value) => Release::Answer(value.map(str::to_owned)),
            Command::Fail(message) => Release::Fail(message.to_owned()),
            Command::Quit => {
                self.release_all().await?;
                return Ok(Flow::Stop);
            }
            Command::Set(name, value) => {
                match held.set(name, value) {
                    Ok(()) => self.ask(output),
                    Err(problem) => say(output, &problem),
                }
                return Ok(Flow::Go);
            }
            Command::Unknown => {
                say(output, &format!("that is no command: {COMMANDS}"));
                return Ok(Flow::Go);
            }
        };
        let hold = held.call.id;
        match self.workbench.dispatch(Request::Release { hold, how }).await {
            Ok(_) => {
                self.held.retain(|held| held.call.id != hold);
                self.ask(output);
            }
            // It is still held, and the next line may be better.
            Err(error) => {
                if !output.is_json() {
                    output.note(&crate::render::error::page(&error));
                }
            }
        }
        Ok(Flow::Go)
    }

    /// Lets everything go on.
    async fn release_all(&mut self) -> Result<(), Error> {
        self.held.clear();
        self.workbench.dispatch(Request::ReleaseAll(self.workload)).await.map(|_| ())
    }

    /// Lets everything go on, if something is held.
    pub(crate) async fn release_all_held(&mut self) -> Result<(), Error> {
        if self.held.is_empty() { Ok(()) } else { self.release_all().await }
    }

    /// Shows the call that is asked about.
    fn ask(&self, output: &Output) {
        if let Some(held) = self.held.first()
            && !output.is_json()
        {
            output.note(&held.page(io::stdin().is_terminal()));
        }
    }
}

impl Held {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match self.call.params.iter().find(|param| param.name == name) {
            Some(param) if param.can_change => {
                self.changed.insert(name.to_owned(), value.to_owned());
                Ok(())
            }
            Some(_) => Err(format!("`{name}` holds a handle, and cannot be changed")),
            None => {
                let names: Vec<&str> = self.call.params.iter().map(|param| param.name.as_str()).collect();
                Err(format!("there is no argument `{name}`; there are: {}", names.join(", ")))
            }
        }
    }

    fn page(&self, with_commands: bool) -> Page {
        let mut page = Page::default();
        let call = &self.call;
        page.line()
            .add(Role::Warning, "held: ")
            .add(Role::Name, &call.consumer)
            .plain(" -> ")
            .add(Role::Name, call.provider.as_str())
            .plain(format!("  {}#{}", call.import, call.function));
        for param in &call.params {
            let changed = self.changed.get(&param.name);
            let line = page.line();
            line.plain("  ")
                .plain(&param.name)
                .add(Role::Faint, format!(": {}", param.ty))
                .plain(" = ")
                .plain(changed.unwrap_or(&param.value));
            if changed.is_some() {
                line.add(Role::Faint, format!("  (was {})", param.value));
            }
        }
        let answer = match (&call.cannot_answer, &call.result_type) {
            (Some(reason), _) => format!("cannot be answered: {reason}"),
            (None, Some(ty)) => format!("gives {ty}"),
            (None, None) => "gives nothing".to_owned(),
        };
        page.line().add(Role::Faint, format!("  {answer}"));
        if with_commands {
            page.line().add(Role::Faint, COMMANDS);
        }
        page
    }
}

fn say(output: &Output, text: &str) {
    if !output.is_json() {
        let mut page = Page::default();
        page.line().add(Role::Faint, text);
        output.note(&page);
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{HeldParam, HoldId, InterventionId, Provider};

    use super::*;

    #[test]
    fn commands_are_letters_or_words() {
        for (line, command) in [
            ("c", Command::Continue),
            (" continue ", Command::Continue),
            ("a 3", Command::Answer(Some("3"))),
            ("answer {x: 1, y: 2}", Command::Answer(Some("{x: 1, y: 2}"))),
            ("a", Command::Answer(None)),
            ("s x = 4", Command::Set("x", "4")),
            ("s text=\"a = b\"", Command::Set("text", "\"a = b\"")),
            ("f no luck", Command::Fail("no luck")),
            ("f", Command::Fail("failed at a breakpoint")),
            ("q", Command::Quit),
            ("", Command::Unknown),
            ("c 3", Command::Unknown),
            ("s x", Command::Unknown),
            ("go", Command::Unknown),
        ] {
            assert_eq!(Command::read(line), command, "{line}");
        }
    }

    #[test]
    fn a_held_call_shows_its_arguments_and_what_was_made_of_them() {
        let param = |name: &str, can_change| HeldParam {
            name: name.to_owned(),
            ty: "f64".to_owned(),
            value: "3".to_owned(),
            can_change,
        };
        let call = HeldCall {
            id: HoldId(1),
            workload: WorkloadId(1),
            intervention: InterventionId(1),
            call: None,
            consumer: "app".into(),
            provider: Provider::Component("square".into()),
            import: "math:ops/square".to_owned(),
            function: "square".to_owned(),
            params: vec![param("x", true), param("self", false)],
            result_type: Some("f64".to_owned()),
            cannot_answer: None,
            since_unix_micros: 0,
        };
        let mut held = Held { call, changed: BTreeMap::new() };
        held.set("x", "4").expect("it can be changed");
        assert!(held.set("self", "4").is_err() && held.set("y", "4").is_err());
        assert_eq!(
            held.page(false).render(false),
            "held: app -> square  math:ops/square#square\n  \
               x: f64 = 4  (was 3)\n  \
               self: f64 = 3\n  \
               gives f64\n"
        );
    }
}
