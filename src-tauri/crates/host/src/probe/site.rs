//! A link with a probe on it.

use std::sync::{Arc, OnceLock};

use jackfield_component::Component;
use jackfield_protocol::{ComponentName, Direction, Link, Provider};

use super::Handled;
use crate::observe::SiteState;

/// A link with a probe on it, in one composition.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) consumer: ComponentName,
    pub(crate) provider: Provider,
    /// The import, with its functions in the order in which the forwarder counts them.
    pub(crate) import: String,
    pub(crate) functions: Vec<String>,
    /// The resources whose handles are identified, in the order in which the forwarder counts them.
    pub(crate) resources: Vec<Handled>,
    watched: OnceLock<Watched>,
}

/// What is known of a site beyond its composition.
#[derive(Debug)]
struct Watched {
    state: Arc<SiteState>,
    /// The names of each function's parameters.
    params: Vec<Vec<String>>,
    /// Whether each function gives something.
    gives: Vec<bool>,
}

impl Site {
    pub(crate) fn new(
        link: &Link,
        provider: Provider,
        functions: Vec<String>,
        resources: Vec<Handled>,
    ) -> Self {
        let (consumer, import) = (link.consumer.clone(), link.import.clone());
        Self { consumer, provider, import, functions, resources, watched: OnceLock::new() }
    }

    /// Says how much of it is observed, and whose import it is.
    pub(crate) fn watch(&self, state: &Arc<SiteState>, consumer: &Component) {
        let mut ports = consumer.info().ports.iter();
        let port = ports.find(|port| port.direction == Direction::Import && port.name == self.import);
        let known = port.map(|port| port.functions()).unwrap_or_default();
        let params = |name: &String| {
            let function = known.iter().find(|function| function.name == *name);
            let params = function.map(|function| function.params.as_slice()).unwrap_or_default();
            params.iter().map(|param| param.name.clone()).collect()
        };
        let params = self.functions.iter().map(params).collect();
        let gives =
            |name: &String| known.iter().any(|function| function.name == *name && function.result.is_some());
        let gives = self.functions.iter().map(gives).collect();
        // Set once, when it is composed.
        let _ = self.watched.set(Watched { state: Arc::clone(state), params, gives });
    }

    /// How much of it is observed; nothing if nobody watches.
    pub(crate) fn state(&self) -> Option<&Arc<SiteState>> {
        self.watched.get().map(|watched| &watched.state)
    }

    /// The names of a function's parameters.
    pub(crate) fn params(&self, function: u32) -> &[String] {
        let params = self.watched.get().and_then(|watched| watched.params.get(function as usize));
        params.map(Vec::as_slice).unwrap_or_default()
    }
    /// Whether a function gives something.
    pub(crate) fn gives(&self, function: u32) -> bool {
        self.watched
            .get()
            .and_then(|watched| watched.gives.get(function as usize))
            .is_some_and(|gives| *gives)
    }
}
