//! Other code in the place of what runs, when component files have changed.

use std::{sync::Arc, time::Instant};

use jackfield_protocol::{ComponentName, Error};
use tokio::sync::OnceCell;

use super::{Inner, http_handlers};
use crate::{
    entry::HttpEntry,
    files::Changed,
    reload::{Code, EntryKey, NotReloaded, Reloaded},
};

impl Inner {
    /// Puts what is in the files now in the place of what runs, if it is anything else.
    pub(crate) async fn refresh(&self) {
        let mut files = self.files.lock().await;
        let changed = files.changed();
        if !changed.is_empty() {
            Box::pin(self.take_over(&changed)).await;
        }
    }

    /// Puts what has changed in the place of what runs, and tells of it.
    async fn take_over(&self, changed: &[Changed]) {
        let started = Instant::now();
        let old = self.code();
        let components = old.of_files(changed);
        match self.reload(&old, changed).await {
            Ok((code, entries)) => {
                let (plan, loaded) = (Arc::clone(&code.plan), Arc::clone(&code.loaded));
                self.context.boundary.answers.adopt(&code.loaded, &plan);
                self.change_code(|current| *current = code);
                let duration = started.elapsed();
                let service =
                    self.code().loaded.workload.service.as_ref().map(|service| service.component.clone());
                let outdated_service = service.filter(|name| entries.contains(name));
                self.context.observer.reloaded(Reloaded {
                    components,
                    entries,
                    outdated_service,
                    duration,
                    plan,
                    loaded,
                });
            }
            Err(error) => self.context.observer.not_reloaded(NotReloaded { components, error }),
        }
    }

    /// The code that takes the place of `old`, with all that was compiled of it, and what was compiled for
    /// it.
    async fn reload(&self, old: &Code, changed: &[Changed]) -> Result<(Code, Vec<ComponentName>), Error> {
        let mut code = old.with(changed, &self.context.shared.plugins.catalog())?;
        let board = self.context.probes.board();
        let mut again = Vec::new();
        for name in code.plan.nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>() {
            let observed = board.observed(&code.plan, &name);
            let key = EntryKey::new(&name, &observed);
            if !old.is_in_use(&name) || code.entries.contains_key(&key) {
                continue;
            }
            let entry = self.prepare(&code, name.clone(), observed).await?;
            if http_handlers(&code.plan).contains(&name) {
                HttpEntry::new(Arc::clone(&entry)).check()?;
            }
            code.entries.insert(key, Arc::new(OnceCell::new_with(Some(entry))));
            again.push(name);
        }
        Ok((code, again))
    }
}
