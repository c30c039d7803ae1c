//! A link with a probe on it.

use std::sync::{Arc, OnceLock};

use jackfield_protocol::{ComponentName, Link, Provider};

use super::{Forwarder, Handled};
use crate::observe::SiteState;

/// A link with a probe on it, in one composition.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) consumer: ComponentName,
    pub(crate) provider: Provider,
    /// The import, with its functions in the order in which the forwarder counts them.
    pub(crate) import: String,
    pub(crate) functions: Vec<String>,
    /// The names of each function's parameters.
    params: Vec<Vec<String>>,
    /// Whether each function has a result.
    gives: Vec<bool>,
    /// The resources whose handles are identified, in the order in which the forwarder counts them.
    pub(crate) resources: Vec<Handled>,
    state: OnceLock<Arc<SiteState>>,
}

impl Site {
    /// A site for the functions of a forwarder.
    pub(crate) fn new(
        link: &Link,
        provider: Provider,
        forwarder: Forwarder,
        resources: Vec<Handled>,
    ) -> Self {
        let (consumer, import) = (link.consumer.clone(), link.import.clone());
        let Forwarder { functions, params, gives, .. } = forwarder;
        Self { consumer, provider, import, functions, params, gives, resources, state: OnceLock::new() }
    }

    /// Says how much of it is observed. Set once, when it is composed.
    pub(crate) fn watch(&self, state: &Arc<SiteState>) {
        let _ = self.state.set(Arc::clone(state));
    }

    /// How much of it is observed; nothing if nobody watches.
    pub(crate) fn state(&self) -> Option<&Arc<SiteState>> {
        self.state.get()
    }

    /// The names of a function's parameters.
    pub(crate) fn params(&self, function: u32) -> &[String] {
        self.params.get(function as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a function has a result; the forwarder of one that has none never tells any.
    pub(crate) fn gives(&self, function: u32) -> bool {
        self.gives.get(function as usize).copied().unwrap_or_default()
    }
}
