//! Telling what was denied, without letting a guest that tries again and again drown the log.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use jackfield_protocol::{ComponentName, Denial, LogStream, Wanted};

use crate::{
    Observer,
    calls::CurrentCall,
    stdio::{LineSink, LineStream},
};

/// How many different denials are told of one component. A guest that walks through all ports of an
/// address makes a new one with each.
const MAX_TOLD: usize = 64;

/// Who hears of denials, and what was told.
pub(crate) struct Denials {
    observer: Arc<dyn Observer>,
    told: Mutex<HashSet<(ComponentName, Wanted)>>,
}

impl Denials {
    pub(crate) fn new(observer: Arc<dyn Observer>) -> Self {
        Self { observer, told: Mutex::default() }
    }

    /// Tells of a denial: as itself, and as a line of the log. What was told already is not told again.
    pub(crate) fn tell(&self, denial: Denial, current: &CurrentCall) {
        let component = denial.component.clone();
        match self.note(&denial) {
            Some(count) if count < MAX_TOLD => {
                self.log(&component, current, &denial.to_string());
                self.observer.denied(denial);
            }
            Some(MAX_TOLD) => self.log(&component, current, "further denials are not told"),
            _ => {}
        }
    }

    /// Tells of a component's denials again: its permissions are others now.
    pub(crate) fn forget(&self, component: &ComponentName) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).retain(|(name, _)| name != component);
    }

    /// Remembers a new denial; how many there were of the component before it.
    fn note(&self, denial: &Denial) -> Option<usize> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let count = told.iter().filter(|(name, _)| *name == denial.component).count();
        let is_new = count <= MAX_TOLD && told.insert((denial.component.clone(), denial.wanted.clone()));
        is_new.then_some(count)
    }

    fn log(&self, component: &ComponentName, current: &CurrentCall, text: &str) {
        let sink = LineSink {
            observer: Arc::clone(&self.observer),
            component: component.clone(),
            stream: LogStream::Host,
            call: current.get(),
            current: current.clone(),
        };
        LineStream::new(sink).put(format!("{text}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Permitted, WorkloadState};

    use super::*;
    use crate::Line;

    #[derive(Default)]
    struct Heard(Mutex<(Vec<String>, Vec<Denial>)>);

    impl Observer for Heard {
        fn line(&self, line: Line) {
            self.0.lock().unwrap().0.push(line.text);
        }

        fn state(&self, _: WorkloadState) {}

        fn denied(&self, denial: Denial) {
            self.0.lock().unwrap().1.push(denial);
        }
    }

    fn to_port(port: usize) -> Denial {
        let origin = format!("tcp://10.0.0.1:{port}");
        let wanted = Wanted::Connect { origin: origin.clone() };
        Denial {
            component: "a".into(),
            wanted,
            grant: Some(origin),
            permitted: Permitted::default(),
            call: None,
        }
    }

    #[test]
    fn the_same_denial_is_told_once_until_the_permissions_change() {
        let heard = Arc::new(Heard::default());
        let (denials, nobody) = (Denials::new(heard.clone()), CurrentCall::default());
        (0..3).for_each(|_| denials.tell(to_port(1), &nobody));
        assert_eq!(heard.0.lock().unwrap().1, [to_port(1)]);
        denials.forget(&"b".into());
        denials.tell(to_port(1), &nobody);
        assert_eq!(heard.0.lock().unwrap().1.len(), 1);
        denials.forget(&"a".into());
        denials.tell(to_port(1), &nobody);
        assert_eq!(heard.0.lock().unwrap().1.len(), 2);
    }

    #[test]
    fn a_guest_that_tries_every_port_does_not_flood_the_log() {
        let heard = Arc::new(Heard::default());
        let (denials, nobody) = (Denials::new(heard.clone()), CurrentCall::default());
        (0..10_000).for_each(|port| denials.tell(to_port(port), &nobody));
        let heard = heard.0.lock().unwrap();
        assert_eq!(heard.1.len(), MAX_TOLD);
        assert_eq!(heard.0.last().map(String::as_str), Some("further denials are not told"));
    }
}
