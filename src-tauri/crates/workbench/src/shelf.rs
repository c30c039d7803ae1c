//! The library, as the workbench uses it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_component::{Component, read_file};
use jackfield_host::workload::{Sources, is_file};
use jackfield_library::{
    Access, AliasTarget, Annotations, Credentials, Library, Origin, Progress, Query, RegistryError,
    RegistryReference, Step, Version,
};
use jackfield_protocol::{
    Error, ErrorKind, Event, LibraryEntry, LibraryPage, LibraryRequest, LibraryResponse, LibraryVersion,
    Transfer,
};
use tokio_util::sync::CancellationToken;

use crate::blocking;
use crate::events::Hub;

/// The library with what is on its way into and out of it.
pub(crate) struct Shelf {
    library: Library,
    /// What was wrong when it was opened.
    problems: Vec<String>,
    docker_config: Option<PathBuf>,
    hub: Arc<Hub>,
    transfers: Mutex<HashMap<String, CancellationToken>>,
}

impl Sources for Shelf {
    fn resolve(&self, source: &str) -> Result<Component, Error> {
        Ok(self.library.resolve(source)?)
    }
}

/// How often progress is announced at most: every so many bytes.
const PROGRESS_EVERY_IN_BYTES: u64 = 64 * 1024;

impl Shelf {
    /// A library, with what was wrong when it was opened.
    pub(crate) fn new(
        (library, problems): (Library, Vec<String>),
        docker_config: Option<PathBuf>,
        hub: Arc<Hub>,
    ) -> Self {
        Self { library, problems, docker_config, hub, transfers: Mutex::default() }
    }

    /// Answers a request.
    pub(crate) async fn dispatch(
        self: &Arc<Self>,
        request: LibraryRequest,
    ) -> Result<LibraryResponse, Error> {
        match request {
            LibraryRequest::Search { query } => self.in_background(move |shelf| shelf.search(&query)).await,
            LibraryRequest::Show { source } => self.in_background(move |shelf| shelf.show(source)).await,
            LibraryRequest::Add { path, alias } => {
                let added = self.in_background(move |shelf| shelf.add(&path, alias)).await?;
                self.hub.announce(Event::LibraryChanged);
                Ok(added)
            }
            LibraryRequest::Pull { reference, plain_http } => self.pull(&reference, plain_http).await,
            LibraryRequest::Push { source, reference, plain_http } => {
                self.push(source, &reference, plain_http).await
            }
            LibraryRequest::Cancel { reference } => {
                if let Some(transfer) = self.transfers().get(&reference) {
                    transfer.cancel();
                }
                Ok(LibraryResponse::Done)
            }
            LibraryRequest::Tags { reference, plain_http } => {
                let reference = parse(&reference)?;
                let access = self.access(&reference, plain_http)?;
                let tags = self.library.list_tags(&reference, &access, &CancellationToken::new()).await?;
                Ok(LibraryResponse::Tags(tags))
            }
            LibraryRequest::SetAlias { alias, source } => {
                self.in_background(move |shelf| shelf.set_alias(&alias, &source)).await?;
                self.hub.announce(Event::LibraryChanged);
                Ok(LibraryResponse::Done)
            }
            LibraryRequest::RemoveAlias { alias } => {
                self.in_background(move |shelf| Ok(shelf.library.store().forget(&alias)?)).await?;
                self.hub.announce(Event::LibraryChanged);
                Ok(LibraryResponse::Done)
            }
        }
    }

    async fn in_background<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shelf = Arc::clone(self);
        blocking(move || work(&shelf)).await?
    }

    fn search(&self, query: &str) -> Result<LibraryResponse, Error> {
        let catalogue = self.library.catalogue()?;
        let Ok(query) = query.parse::<Query>();
        let entries = catalogue.search(&query).into_iter().map(entry).collect();
        let total = catalogue.entries.len() as u64;
        let problems = self.problems.iter().cloned().chain(catalogue.problems).collect();
        Ok(LibraryResponse::Page(LibraryPage { entries, total, problems }))
    }

    fn show(&self, source: String) -> Result<LibraryResponse, Error> {
        let component = self.component(&source)?;
        Ok(LibraryResponse::Component { source, info: component.info().clone() })
    }

    /// The component that a source means: a file, a reference or an alias.
    fn component(&self, source: &str) -> Result<Component, Error> {
        if !source.contains("://") && is_file(source) {
            return Ok(read_file(Path::new(source))?);
        }
        self.resolve(source)
    }

    fn add(&self, path: &str, alias: Option<String>) -> Result<LibraryResponse, Error> {
        let path = Path::new(path);
        let alias = alias.unwrap_or_else(|| alias_of(path));
        let component = self.library.add_file(path, &alias)?;
        Ok(LibraryResponse::Component { source: alias, info: component.info().clone() })
    }

    fn set_alias(&self, alias: &str, source: &str) -> Result<(), Error> {
        let store = self.library.store();
        let index = store.index()?;
        let target = if index.references.contains_key(source) {
            AliasTarget::Reference(source.to_owned())
        } else {
            let component = self.component(source)?;
            let digest = component.info().digest.clone();
            store.add(&component, |_| ())?;
            AliasTarget::Digest(digest)
        };
        Ok(store.set_alias(alias, target, Some(source.to_owned()))?)
    }

    async fn pull(&self, text: &str, plain_http: bool) -> Result<LibraryResponse, Error> {
        let reference = parse(text)?;
        let access = self.access(&reference, plain_http)?;
        let transfer = self.begin(text)?;
        let report = transfer.report();
        let component = self.library.pull(&reference, &access, &transfer.cancel, &report).await?;
        self.hub.announce(Event::LibraryChanged);
        Ok(LibraryResponse::Component { source: reference.to_string(), info: component.info().clone() })
    }

    async fn push(
        self: &Arc<Self>,
        source: String,
        text: &str,
        plain_http: bool,
    ) -> Result<LibraryResponse, Error> {
        let component = self.in_background(move |shelf| shelf.component(&source)).await?;
        let reference = parse(text)?;
        let access = self.access(&reference, plain_http)?;
        let transfer = self.begin(text)?;
        let report = transfer.report();
        let none = Annotations::new();
        let pushed =
            self.library.push(&component, &reference, &none, &access, &transfer.cancel, &report).await?;
        self.hub.announce(Event::LibraryChanged);
        Ok(LibraryResponse::Pushed { reference: pushed.reference.to_string() })
    }

    fn access(&self, reference: &RegistryReference, plain_http: bool) -> Result<Access, Error> {
        let credentials = match &self.docker_config {
            Some(path) => Credentials::from_docker_config(path, reference.host())?,
            None => Credentials::Anonymous,
        };
        Ok(Access { credentials, plain_http, ..Access::default() })
    }

    fn transfers(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.transfers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, reference: &str) -> Result<Ongoing<'_>, Error> {
        let cancel = CancellationToken::new();
        match self.transfers().entry(reference.to_owned()) {
            Entry::Occupied(_) => {
                return Err(Error::new(ErrorKind::Request, format!("{reference} is on its way already")));
            }
            Entry::Vacant(place) => place.insert(cancel.clone()),
        };
        Ok(Ongoing { shelf: self, reference: reference.to_owned(), cancel })
    }
}

/// A pull or a push that goes on.
struct Ongoing<'s> {
    shelf: &'s Shelf,
    reference: String,
    cancel: CancellationToken,
}

impl Ongoing<'_> {
    /// Announces progress, but not every few bytes.
    fn report(&self) -> impl Fn(Progress) + Send + Sync {
        let last = Mutex::new(None::<Progress>);
        move |progress| {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let is_news = last.is_none_or(|last| {
                last.step != progress.step
                    || progress.done_in_bytes.abs_diff(last.done_in_bytes) >= PROGRESS_EVERY_IN_BYTES
            });
            if is_news {
                *last = Some(progress);
                self.shelf.hub.announce(Event::Transfer(Transfer {
                    reference: self.reference.clone(),
                    step: step(progress.step).to_owned(),
                    done_in_bytes: progress.done_in_bytes,
                    total_in_bytes: Some(progress.total_in_bytes).filter(|total| *total > 0),
                    is_over: false,
                }));
            }
        }
    }
}

impl Drop for Ongoing<'_> {
    fn drop(&mut self) {
        self.shelf.transfers().remove(&self.reference);
        self.shelf.hub.announce(Event::Transfer(Transfer {
            reference: self.reference.clone(),
            step: String::new(),
            done_in_bytes: 0,
            total_in_bytes: None,
            is_over: true,
        }));
    }
}

fn step(step: Step) -> &'static str {
    match step {
        Step::Resolving => "asking the registry",
        Step::Transferring => "transferring",
        Step::Finishing => "finishing",
    }
}

fn parse(reference: &str) -> Result<RegistryReference, Error> {
    reference.parse().map_err(|error| RegistryError::Reference(error).into())
}

fn entry(entry: jackfield_library::Entry) -> LibraryEntry {
    LibraryEntry { name: entry.name, versions: entry.versions.into_iter().map(version).collect() }
}

fn version(version: Version) -> LibraryVersion {
    LibraryVersion {
        tag: version.tag,
        source: version.source,
        layout: match version.origin {
            Origin::Store => None,
            Origin::Mount(name) => Some(name),
        },
        digest: version.digest,
        size_in_bytes: version.size_in_bytes,
        info: version.info.map(|info| (*info).clone()),
        problem: version.problem,
        aliases: version.aliases,
        title: version.title,
        description: version.description,
        added_unix_millis: version.added_at_millis,
    }
}

/// The name in the library of a file that is given none.
fn alias_of(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
