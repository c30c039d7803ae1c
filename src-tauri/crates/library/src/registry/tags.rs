//! Which tags a repository has.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::client::{Session, run};
use super::refusal::Asked;
use super::{Access, RegistryError};
use crate::reference::RegistryReference;

const PAGE_IN_TAGS: usize = 100;
/// Some repositories have a tag for every build of many years; nobody reads more than this.
const MAX_TAGS: usize = 10_000;

/// The tags of a repository, sorted; at most ten thousand. The reference's own tag does not matter.
///
/// # Errors
/// Whatever is in the way.
pub async fn list_tags(
    reference: &RegistryReference,
    access: &Access,
    cancel: &CancellationToken,
) -> Result<Vec<String>, RegistryError> {
    run(reference, cancel, async {
        let session = Session::new(reference, access)?;
        let mut tags = BTreeSet::new();
        let mut last: Option<String> = None;
        while tags.len() < MAX_TAGS {
            let request =
                session.client.list_tags(&session.target, &session.auth, Some(PAGE_IN_TAGS), last.as_deref());
            let page = request.await.map_err(|error| session.refusal(error, Asked::Tags))?.tags;
            last = page.last().cloned();
            let before = tags.len();
            tags.extend(page);
            // A short page need not be the last: registries have limits of their own. And one that ignores
            // where a page should begin would go on for ever.
            if tags.len() == before {
                break;
            }
        }
        Ok(tags.into_iter().take(MAX_TAGS).collect())
    })
    .await
}
