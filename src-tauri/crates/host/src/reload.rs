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
use jackfield_protocol::{ComponentName, Error, Link, LinkTarget, Plan, Severity};
use tokio::sync::OnceCell;

use crate::{
    HostError,
    entry::Entry,
    files::Changed,
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
}

/// That component files had changed, and what runs is still the code from before.
#[derive(Debug, Clone)]
pub struct NotReloaded {
    /// The components whose files have changed, in the order of the workload.
    pub components: Vec<ComponentName>,
    /// Why what is in them cannot run.
    pub error: Error,
}

/// Compiled entries. Made at start for what nobody else reaches, on first use for the rest.
pub(crate) type Entries = HashMap<ComponentName, Arc<OnceCell<Arc<Entry>>>>;

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
        entries.retain(|name, _| {
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
