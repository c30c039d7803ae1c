//! Pulling what a workload needs before it can be opened.

use jackfield_protocol::{Error, LibraryRequest};

use super::{LibraryPurpose, send};
use crate::model::observe::open;
use crate::model::{Effect, Model, Notice, Purpose};

/// A workload that can be opened once what it misses is in the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    /// The workload file, or the manifest.
    pub path: String,
    /// Whether it is a manifest.
    pub is_manifest: bool,
    /// The references that it misses still, in the order of the file.
    pub missing: Vec<String>,
}

impl Fetching {
    /// What would help a workload that could not be opened; nothing if pulling would not.
    pub(in crate::model) fn after(path: &str, error: &Error) -> Option<Self> {
        let missing: Vec<String> = error.pulls().into_iter().map(str::to_owned).collect();
        (!missing.is_empty()).then(|| Self { path: path.to_owned(), is_manifest: false, missing })
    }

    /// The same for a manifest.
    pub(in crate::model) fn after_manifest(path: &str, error: &Error) -> Option<Self> {
        Self::after(path, error).map(|fetching| Self { is_manifest: true, ..fetching })
    }

    fn needs(&self, reference: &str) -> bool {
        self.missing.iter().any(|missing| missing == reference)
    }
}

impl Model {
    /// Pulls what the workload of a notice misses, and opens it then.
    pub(super) fn fetch(&mut self, notice: u64) -> Vec<Effect> {
        let Some(at) = self.notices.iter().position(|other| other.id == notice) else { return Vec::new() };
        let Some(fetching) = self.notices.remove(at).fetching else { return Vec::new() };
        if self.library.fetching.iter().any(|other| other.path == fetching.path) {
            return Vec::new();
        }
        let pulls = fetching.missing.iter().filter(|reference| !self.is_pulling(reference));
        let pulls: Vec<String> = pulls.cloned().collect();
        self.library.fetching.push(fetching);
        pulls.into_iter().map(|reference| self.begin_pull(reference)).collect()
    }

    fn is_pulling(&self, reference: &str) -> bool {
        self.pending.values().any(|pending| match &pending.purpose {
            Purpose::Library(LibraryPurpose::Pull(other)) => other == reference,
            _ => false,
        })
    }

    /// Gives up opening a workload, and the pulls that nothing else waits for.
    pub(super) fn give_up_fetching(&mut self, path: &str) -> Vec<Effect> {
        let (given_up, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.library.fetching).into_iter().partition(|other| other.path == path);
        let missing = given_up.into_iter().flat_map(|fetching| fetching.missing);
        let unneeded = missing.filter(|reference| !kept.iter().any(|other| other.needs(reference)));
        let cancel = |reference: String| {
            let request = LibraryRequest::Cancel { reference: reference.clone() };
            send(request, LibraryPurpose::Cancel(reference))
        };
        let effects = unneeded.map(cancel).collect();
        self.library.fetching = kept;
        effects
    }

    /// A pull has succeeded: opens what waited for it last. Nothing if nothing waited for it.
    pub(super) fn fetched(&mut self, reference: &str) -> Option<Vec<Effect>> {
        let mut is_needed = false;
        for fetching in &mut self.library.fetching {
            is_needed |= fetching.needs(reference);
            fetching.missing.retain(|missing| missing != reference);
        }
        let (complete, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.library.fetching)
            .into_iter()
            .partition(|fetching| fetching.missing.is_empty());
        self.library.fetching = waiting;
        let open = |fetching: Fetching| match fetching.is_manifest {
            true => self.open_manifest(fetching.path),
            false => open(fetching.path),
        };
        is_needed.then(|| complete.into_iter().map(open).collect())
    }

    /// A pull has failed: what waited for it is not opened, and can be tried again. Whether anything waited.
    pub(super) fn fetch_failed(&mut self, reference: &str, error: &Error) -> bool {
        let (failed, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.library.fetching)
            .into_iter()
            .partition(|fetching| fetching.needs(reference));
        self.library.fetching = waiting;
        let has_failed = !failed.is_empty();
        for fetching in failed {
            let attempt = format!("Could not pull {reference}, which {} needs", fetching.path);
            let notice = Notice::from_error(0, &attempt, error);
            self.notify(Notice { fetching: Some(fetching), ..notice });
        }
        has_failed
    }
}
