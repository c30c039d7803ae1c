//! Files and folders as candidates.

use std::fs;
use std::path::PathBuf;

use super::{Candidate, Offer};

/// Files whose names have this ending, and folders, for the path that `current` begins.
pub(super) fn with_ending(current: &str, ending: &str) -> Offer {
    let (folder, start) = match current.rfind('/') {
        Some(slash) => current.split_at(slash + 1),
        None => ("", current),
    };
    let Ok(entries) = fs::read_dir(expand(folder)) else { return Offer::default() };
    let mut candidates: Vec<Candidate> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            // What is hidden shows when it is asked for.
            if name.starts_with('.') && !start.starts_with('.') {
                return None;
            }
            match entry.path().is_dir() {
                true => Some(Candidate::new(format!("{folder}{name}/"), None)),
                false => name.ends_with(ending).then(|| Candidate::new(format!("{folder}{name}"), None)),
            }
        })
        .collect();
    candidates.sort_by(|one, other| one.text.cmp(&other.text));
    Offer { candidates, are_files: true }
}

/// A path as the system takes it: no shell has expanded it yet.
pub(super) fn expand(path: &str) -> PathBuf {
    match path.strip_prefix("~/").zip(std::env::var_os("HOME")) {
        Some((rest, home)) => PathBuf::from(home).join(rest),
        None if path.is_empty() => PathBuf::from("."),
        None => PathBuf::from(path),
    }
}
