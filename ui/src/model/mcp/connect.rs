//! The form for a new connection, and what is remembered of the connections made before.

use jackfield_protocol::Endpoint;
use serde::{Deserialize, Serialize};

use super::shell;

/// How many connections are remembered.
const MAX_RECENT: usize = 8;
/// How many tools have their arguments remembered for the next run.
const MAX_ARGUMENTS: usize = 40;
/// Arguments that are longer are not remembered.
const MAX_ARGUMENT_BYTES: usize = 4096;

/// The field of the form that has the keyboard when it opens.
pub(crate) fn connect_field() -> egui::Id {
    egui::Id::new("connect to")
}

/// What a new connection leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConnectKind {
    /// A program that is started.
    #[default]
    Command,
    /// An address.
    Url,
}

/// The form for a new connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectDraft {
    /// What it leads to.
    pub kind: ConnectKind,
    /// The command line.
    pub command: String,
    /// Variables of the program.
    pub env: Vec<(String, String)>,
    /// Where it runs.
    pub folder: String,
    /// The address.
    pub url: String,
    /// Sent with every request.
    pub headers: Vec<(String, String)>,
    /// Why it could not be tried.
    pub error: Option<String>,
}

impl ConnectDraft {
    /// The server that the form describes.
    ///
    /// # Errors
    /// In words, if something is missing.
    pub fn endpoint(&self) -> Result<Endpoint, String> {
        let named = |pairs: &[(String, String)]| -> Vec<(String, String)> {
            pairs.iter().filter(|(name, _)| !name.trim().is_empty()).cloned().collect()
        };
        match self.kind {
            ConnectKind::Command => {
                let words = shell::split(&self.command).map_err(|error| error.to_string())?;
                let mut words = words.into_iter();
                let command = words.next().unwrap_or_default();
                let folder = Some(self.folder.trim().to_owned()).filter(|folder| !folder.is_empty());
                Ok(Endpoint::Process { command, args: words.collect(), env: named(&self.env), folder })
            }
            ConnectKind::Url => {
                let url = self.url.trim().to_owned();
                if !url.starts_with("http://") && !url.starts_with("https://") {
                    return Err("Type an address that begins with http:// or https://".to_owned());
                }
                Ok(Endpoint::Url { url, headers: named(&self.headers) })
            }
        }
    }

    /// The form with what is remembered of a connection.
    #[must_use]
    pub fn from_recent(recent: &Recent) -> Self {
        let empty = |names: &[String]| names.iter().map(|name| (name.clone(), String::new())).collect();
        match recent.clone() {
            Recent::Command { command, env, folder } => {
                Self { command, env: empty(&env), folder, ..Self::default() }
            }
            Recent::Url { url, headers } => {
                Self { kind: ConnectKind::Url, url, headers: empty(&headers), ..Self::default() }
            }
        }
    }
}

/// What is remembered of a connection: never the values of variables and headers, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recent {
    /// A program.
    Command {
        /// Its command line.
        command: String,
        /// The names of its variables.
        #[serde(default)]
        env: Vec<String>,
        /// Where it ran.
        #[serde(default)]
        folder: String,
    },
    /// An address.
    Url {
        /// The address, without a password.
        url: String,
        /// The names of the headers.
        #[serde(default)]
        headers: Vec<String>,
    },
}

impl Recent {
    /// What to remember of a connection; a workload needs no memory.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Option<Self> {
        let names = |pairs: &[(String, String)]| pairs.iter().map(|(name, _)| name.clone()).collect();
        match endpoint {
            Endpoint::Workload(_) => None,
            Endpoint::Process { command, args, env, folder } => {
                let words = std::iter::once(command.as_str()).chain(args.iter().map(String::as_str));
                let folder = folder.clone().unwrap_or_default();
                Some(Self::Command { command: shell::join(words), env: names(env), folder })
            }
            Endpoint::Url { url, headers } => {
                Some(Self::Url { url: without_password(url), headers: names(headers) })
            }
        }
    }

    /// What it is called in a list.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Command { command, .. } => command,
            Self::Url { url, .. } => url,
        }
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// What the MCP room keeps from one run to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct McpPreferences {
    /// The connections made last, newest first.
    pub recent: Vec<Recent>,
    /// The arguments given last: server, tool, text; newest first.
    pub arguments: Vec<(String, String, String)>,
}

impl McpPreferences {
    pub(super) fn remember_endpoint(&mut self, endpoint: &Endpoint) {
        let Some(recent) = Recent::of(endpoint) else { return };
        self.recent.retain(|other| other.label() != recent.label());
        self.recent.insert(0, recent);
        self.recent.truncate(MAX_RECENT);
    }

    pub(super) fn remember_arguments(&mut self, server: &str, tool: &str, text: &str) {
        self.arguments.retain(|(other, name, _)| other != server || name != tool);
        if text.len() <= MAX_ARGUMENT_BYTES {
            self.arguments.insert(0, (server.to_owned(), tool.to_owned(), text.to_owned()));
            self.arguments.truncate(MAX_ARGUMENTS);
        }
    }

    pub(super) fn arguments_of(&self, server: &str, tool: &str) -> Option<&str> {
        let found = self.arguments.iter().find(|(other, name, _)| other == server && name == tool);
        found.map(|(_, _, text)| text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_remembered() {
        let mut preferences = McpPreferences::default();
        let secret = || vec![("Authorization".to_owned(), "Bearer hunter2".to_owned())];
        let url = "https://me:hunter2@example.com/mcp?x=1".to_owned();
        preferences.remember_endpoint(&Endpoint::Url { url, headers: secret() });
        let (command, args) = ("npx".to_owned(), vec!["a b".to_owned()]);
        preferences.remember_endpoint(&Endpoint::Process { command, args, env: secret(), folder: None });
        let text = serde_json::to_string(&preferences).unwrap();
        assert!(!text.contains("hunter2") && text.contains("Authorization"), "{text}");
        assert_eq!(preferences.recent[0].label(), "npx 'a b'");
        assert_eq!(preferences.recent[1].label(), "https://example.com/mcp?x=1");
    }

    #[test]
    fn memory_is_bounded() {
        let mut preferences = McpPreferences::default();
        for number in 0..100 {
            let url = format!("http://{number}/");
            preferences.remember_endpoint(&Endpoint::Url { url, headers: Vec::new() });
            preferences.remember_arguments("s", &format!("t{number}"), "{}");
        }
        preferences.remember_arguments("s", "long", &"x".repeat(5000));
        assert_eq!((preferences.recent.len(), preferences.arguments.len()), (MAX_RECENT, MAX_ARGUMENTS));
        assert_eq!(preferences.arguments_of("s", "t99"), Some("{}"));
    }
}
