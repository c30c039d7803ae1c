//! What a workload runs, and putting other code in its place while it runs.
//!
//! What always holds: who has an entry keeps it, so calls end on the code that they began with; and
//! code that cannot be read, linked or compiled takes the place of none.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::Arc,
    time::Duration,
};

use jackfield_component::Component;
use jackfield_protocol::{ComponentName, Error, Link, LinkTarget, Plan, ProbeSite, Severity};
use tokio::sync::OnceCell;

use crate::{
    HostError,
    entry::Entry,
    files::Changed,
    observe::Observed,
    plan::{HostCatalog, plan},
    workload::{Loaded, Source},
};

/// That component files had changed while their workload ran.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// The components whose code is another now, in the order of the workload.
    pub components: Vec<ComponentName>,
    /// What was composed and compiled again: the entries in use that reach one of them. In the order of
    /// the workload.
    pub entries: Vec<ComponentName>,
    /// The service, if it runs and reaches one of the components: it goes on with the code that it began with
    /// until it is restarted.
    pub outdated_service: Option<ComponentName>,
    /// From noticing it until new calls run the new code.
    pub duration: Duration,
    /// How the workload is linked now.
    pub plan: Arc<Plan>,
    /// The workload with the components that are in the files now.
    pub loaded: Arc<Loaded>,
}

/// That component files had changed, and what runs is still the code from before.
#[derive(Debug, Clone)]
pub struct NotReloaded {
    /// The components whose files have changed, in the order of the workload.
    pub components: Vec<ComponentName>,
    /// Why what is in them cannot run.
    pub error: Error,
}

/// So many compositions with probes are kept of a component; switching between them is quick then.
const MAX_OBSERVED: usize = 3;

/// A component as a way in, composed with probes on some links.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct EntryKey {
    pub(crate) component: ComponentName,
    /// The links with probes on them, sorted.
    pub(crate) observed: Vec<ProbeSite>,
    pub(crate) is_metered: bool,
}

impl EntryKey {
    pub(crate) fn new(component: &ComponentName, observed: &Observed) -> Self {
        let (observed, is_metered) = (observed.sites(), observed.is_metered());
        Self { component: component.clone(), observed, is_metered }
    }
}

/// Compiled entries. Made at start for what nobody else reaches, on first use for the rest.
pub(crate) type Entries = HashMap<EntryKey, Arc<OnceCell<Arc<Entry>>>>;

/// What a workload runs at one moment.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) entries: Entries,
}

impl Code {
    pub(crate) fn new(loaded: Arc<Loaded>, plan: Arc<Plan>) -> Self {
        Self { loaded, plan, entries: Entries::new() }
    }

    /// The place for an entry, made if there is none.
    pub(crate) fn cell(&mut self, key: &EntryKey) -> Arc<OnceCell<Arc<Entry>>> {
        if let Some(cell) = self.entries.get(key) {
            return Arc::clone(cell);
        }
        let is_rival = |other: &EntryKey| other.component == key.component && other.is_metered;
        if key.is_metered && self.entries.keys().filter(|other| is_rival(other)).count() >= MAX_OBSERVED {
            self.entries.retain(|other, _| !is_rival(other));
        }
        Arc::clone(self.entries.entry(key.clone()).or_default())
    }

    /// Whether something was compiled for a component as a way in.
    pub(crate) fn is_in_use(&self, component: &ComponentName) -> bool {
        self.entries.iter().any(|(key, cell)| key.component == *component && cell.initialized())
    }

    /// The components that come from a file, and which.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&ComponentName, &Path)> {
        self.loaded.workload.components.iter().filter_map(|(name, spec)| match &spec.source {
            Source::File(path) => Some((name, path.as_path())),
            Source::Oci(_) | Source::Alias(_) => None,
        })
    }

    /// The components that come from a file that has changed.
    pub(crate) fn of_files(&self, changed: &[Changed]) -> Vec<ComponentName> {
        let is_changed = |path: &Path| changed.iter().any(|file| file.path == path);
        self.files().filter(|(_, path)| is_changed(path)).map(|(name, _)| name.clone()).collect()
    }

    /// The same workload with what is in the files now, linked anew. Its entries are those of which
    /// nothing has changed.
    ///
    /// # Errors
    /// If a file holds no component, or the components do not fit together any more.
    pub(crate) fn with(&self, changed: &[Changed], host: &HostCatalog) -> Result<Self, Error> {
        let mut fresh: HashMap<&Path, &Component> = HashMap::new();
        for file in changed {
            fresh.insert(&file.path, file.component.as_ref().map_err(Clone::clone)?);
        }
        let mut loaded = Loaded::clone(&self.loaded);
        for (name, path) in self.files() {
            if let Some(component) = fresh.get(path) {
                loaded.components.insert(name.clone(), (*component).clone());
            }
        }
        let plan = plan(&loaded.workload, &loaded.components, host);
        if !plan.is_runnable() {
            let errors = plan.diagnostics.iter().filter(|finding| finding.severity() == Severity::Error);
            return Err(HostError::Plan { diagnostics: errors.cloned().collect() }.into());
        }
        let names = self.of_files(changed);
        let mut entries = self.entries.clone();
        entries.retain(|EntryKey { component: name, .. }, _| {
            let reached = reached(&plan, name);
            reached == self::reached(&self.plan, name)
                && !reached.members.iter().any(|member| names.contains(member))
        });
        Ok(Self { loaded: Arc::new(loaded), plan: Arc::new(plan), entries })
    }
}

/// What an entry is made of.
#[derive(Debug, PartialEq, Eq)]
struct Reached<'p> {
    members: BTreeSet<&'p ComponentName>,
    links: Vec<(&'p ComponentName, &'p str, &'p LinkTarget)>,
}

/// What `entry` reaches.
fn reached<'p>(plan: &'p Plan, entry: &'p ComponentName) -> Reached<'p> {
    let mut members = BTreeSet::from([entry]);
    let mut open = vec![entry];
    while let Some(consumer) = open.pop() {
        for link in plan.links.iter().filter(|link| link.consumer == *consumer) {
            if let LinkTarget::Component { name, .. } = &link.target
                && members.insert(name)
            {
                open.push(name);
            }
        }
    }
    let is_inside = |link: &&Link| members.contains(&link.consumer);
    let links = plan.links.iter().filter(is_inside);
    let links = links.map(|link| (&link.consumer, link.import.as_str(), &link.target)).collect();
    Reached { members, links }
}
