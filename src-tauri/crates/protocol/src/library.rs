//! What the library holds, and what it is doing.

use serde::{Deserialize, Serialize};

use crate::{ComponentInfo, Digest};

/// The components that fit a query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LibraryPage {
    /// The best first.
    pub entries: Vec<LibraryEntry>,
    /// How many components there are without the query.
    pub total: u64,
    /// What is wrong with mounted layouts, in plain words.
    pub problems: Vec<String>,
}

/// A component in the versions that fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LibraryEntry {
    /// Host and repository, or an alias: `ghcr.io/acme/square`.
    pub name: String,
    /// The newest first; never empty.
    pub versions: Vec<LibraryVersion>,
}

/// One version of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LibraryVersion {
    /// The tag, or the short digest where there is none.
    pub tag: String,
    /// What a workload file says to use it.
    pub source: String,
    /// The layout that it is in; nothing if it is in the store.
    pub layout: Option<String>,
    /// The component.
    pub digest: Digest,
    /// Its length.
    pub size_in_bytes: u64,
    /// What it is; nothing if it could not be read.
    pub info: Option<ComponentInfo>,
    /// Why it could not be read.
    pub problem: Option<String>,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// The title that its annotations give.
    pub title: Option<String>,
    /// The description that its annotations give.
    pub description: Option<String>,
    /// When its name first meant it in the store: milliseconds since 1970, UTC. Pulling or adding the same
    /// again does not change it.
    pub added_unix_millis: Option<u64>,
}

/// What can be asked of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum LibraryRequest {
    /// What fits a query: words, `exports:NAME`, `imports:NAME`. Answered by [`LibraryResponse::Page`].
    Search {
        /// The query; empty for everything.
        query: String,
    },
    /// What a source means: an alias, an `oci://` reference or a file. Answered by [`LibraryResponse::Component`].
    Show {
        /// The source.
        source: String,
    },
    /// Stores a component file under an alias. Answered by [`LibraryResponse::Component`].
    Add {
        /// The file.
        path: String,
        /// Its name in the library; that of the file if nothing is said.
        alias: Option<String>,
    },
    /// Fetches a component from a registry. Answered by [`LibraryResponse::Component`].
    Pull {
        /// `oci://host/repository:tag`, or with `@sha256:…`.
        reference: String,
        /// Whether plain HTTP is allowed with a host that is not this machine.
        plain_http: bool,
    },
    /// Sends a component to a registry. Answered by [`LibraryResponse::Pushed`].
    Push {
        /// What to send: an alias, an `oci://` reference or a file.
        source: String,
        /// Where to: `oci://host/repository:tag`.
        reference: String,
        /// Whether plain HTTP is allowed with a host that is not this machine.
        plain_http: bool,
    },
    /// Gives up a pull or push. Answered by [`LibraryResponse::Done`].
    Cancel {
        /// Its reference.
        reference: String,
    },
    /// The tags of a repository. Answered by [`LibraryResponse::Tags`].
    Tags {
        /// `oci://host/repository`.
        reference: String,
        /// Whether plain HTTP is allowed with a host that is not this machine.
        plain_http: bool,
    },
    /// Gives a component another name. Answered by [`LibraryResponse::Done`].
    SetAlias {
        /// The name.
        alias: String,
        /// What it means: another alias or an `oci://` reference.
        source: String,
    },
    /// Takes a name away; the component stays while it has others. Answered by [`LibraryResponse::Done`].
    RemoveAlias {
        /// The name.
        alias: String,
    },
}

/// What the library answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum LibraryResponse {
    /// What fits.
    Page(LibraryPage),
    /// A component.
    Component {
        /// What a workload file says to use it.
        source: String,
        /// What it is.
        info: ComponentInfo,
    },
    /// The tags of a repository, as the registry ordered them.
    Tags(Vec<String>),
    /// It was sent.
    Pushed {
        /// The reference with the digest that it got.
        reference: String,
    },
    /// It is done, and there is nothing to tell.
    Done,
}

/// How far a pull or a push is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Transfer {
    /// The reference, as it was asked for.
    pub reference: String,
    /// What is being done, in a word or two.
    pub step: String,
    /// Bytes that went over so far.
    pub done_in_bytes: u64,
    /// Bytes in all, where that is known.
    pub total_in_bytes: Option<u64>,
    /// Whether it is over, well or not.
    pub is_over: bool,
}
