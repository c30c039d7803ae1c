//! What a component was refused, and how it could be granted.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CallId, ComponentName};

/// A component wanted something that its permissions do not give it, and did not get it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Denial {
    /// Who wanted it.
    pub component: ComponentName,
    /// What it wanted.
    pub wanted: Wanted,
    /// The origin that would have to be in its `permissions.network`; nothing if that would not help.
    pub grant: Option<String>,
    /// What its file permits it already.
    #[serde(default)]
    pub permitted: Permitted,
    /// The call during which it wanted it, if that is known.
    pub call: Option<CallId>,
}

/// The `permissions` of a component in its workload file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Permitted {
    /// Origins that it may connect to, in the order of the file.
    pub network: Vec<String>,
    /// Volumes that it has, in the order of the file.
    pub volumes: Vec<PermittedVolume>,
}

/// A volume among a component's permissions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PermittedVolume {
    /// The volume's name.
    pub name: String,
    /// The folder as which the component sees it.
    pub at: String,
    /// Whether it may change what is in it.
    pub may_write: bool,
}

impl fmt::Display for Permitted {
    /// As it stands in the workload file, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: Vec<String> = self.network.iter().map(|origin| quoted(origin)).collect();
        let volumes = self.volumes.iter().map(|volume| {
            let access = if volume.may_write { ", access = \"write\"" } else { "" };
            format!("{{ name = {}, at = {}{access} }}", quoted(&volume.name), quoted(&volume.at))
        });
        let volumes: Vec<String> = volumes.collect();
        let lists = [("network", origins), ("volumes", volumes)];
        let lists = lists.iter().filter(|(_, list)| !list.is_empty());
        let lists: Vec<String> = lists.map(|(key, list)| format!("{key} = [{}]", list.join(", "))).collect();
        write!(f, "permissions = {{ {} }}", lists.join(", "))
    }
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What a component may not have without a grant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Wanted {
    /// To talk to an origin: `https://api.example.com`, `tcp://10.0.0.1:5432`.
    Connect {
        /// The origin, with its port unless that is the scheme's own.
        origin: String,
    },
    /// To talk to an origin that it may talk to, but whose name stands for an address in this
    /// machine or its private network.
    PrivateAddress {
        /// The origin.
        origin: String,
        /// What its name stands for.
        address: String,
    },
    /// To look up the addresses of a name.
    LookUp {
        /// The name.
        name: String,
    },
    /// To be reached from outside of the workload.
    Listen {
        /// The address, with its port.
        address: String,
    },
    /// To change something in a volume that it may read.
    Write {
        /// What it wanted to change, as the component names it.
        path: String,
        /// The volume.
        volume: String,
        /// The folder as which the component sees the volume.
        at: String,
    },
    /// To reach a file that is in none of its volumes.
    Leave {
        /// The file, as the component names it.
        path: String,
    },
}

impl Denial {
    /// The line for the component's table in the workload file that would grant it, if one would. It has all that
    /// is permitted already, so that it can stand in the place of the line that is there.
    #[must_use]
    pub fn line_that_grants(&self) -> Option<String> {
        let mut permitted = self.permitted.clone();
        if let Wanted::Write { volume, at, .. } = &self.wanted {
            match permitted.volumes.iter_mut().find(|known| known.at == *at) {
                Some(known) => known.may_write = true,
                None => permitted.volumes.push(PermittedVolume {
                    name: volume.clone(),
                    at: at.clone(),
                    may_write: true,
                }),
            }
        } else {
            let grant = self.grant.as_ref()?;
            if !permitted.network.contains(grant) {
                permitted.network.push(grant.clone());
            }
        }
        Some(permitted.to_string())
    }

    /// What can be done.
    #[must_use]
    pub fn help(&self) -> String {
        match (self.line_that_grants(), &self.wanted) {
            (Some(line), _) if self.permitted == Permitted::default() => {
                format!("[components.{}] {line} would allow it", self.component)
            }
            (Some(line), _) => {
                format!(
                    "[components.{}] {line} would allow it, in place of those that it has",
                    self.component
                )
            }
            (None, Wanted::Leave { .. }) => {
                "nothing can allow it: a component sees the folders that are its volumes, and no other file"
                    .to_owned()
            }
            (None, _) => "nothing can allow it: components listen only inside of their workload".to_owned(),
        }
    }
}

impl fmt::Display for Denial {
    /// Two lines, the second of which says what can be done.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "denied: {}", self.wanted)?;
        write!(f, "  {}", self.help())
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { origin } if is_loopback(origin) => {
                write!(f, "it may not connect to {origin}, where no component of its workload listens")
            }
            Self::Connect { origin } => write!(f, "it may not connect to {origin}"),
            Self::PrivateAddress { origin, address } => write!(
                f,
                "{origin} is granted, but its name stands for {address}, an address that only this machine \
                 or its own network has"
            ),
            Self::LookUp { name } => write!(f, "it may not look up the name {}", name.escape_debug()),
            Self::Listen { address } => write!(f, "it may not listen on {address}"),
            Self::Write { path, volume, .. } => {
                write!(f, "it may not change {}: it may only read the volume `{volume}`", path.escape_debug())
            }
            Self::Leave { path } => {
                write!(f, "it may not reach {}, which leads out of its volumes", path.escape_debug())
            }
        }
    }
}

/// Whether an origin is the workload's own network, or this machine's.
fn is_loopback(origin: &str) -> bool {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    ["127.", "[::1]", "localhost"].iter().any(|own| authority.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_says_what_would_allow_it() {
        let denial = |wanted, grant: Option<&str>| Denial {
            component: "web".into(),
            wanted,
            grant: grant.map(str::to_owned),
            permitted: Permitted::default(),
            call: None,
        };
        let origin = "https://api.example.com".to_owned();
        let connect = denial(Wanted::Connect { origin: origin.clone() }, Some(&origin));
        assert_eq!(
            connect.to_string(),
            "denied: it may not connect to https://api.example.com\n  [components.web] permissions = { \
             network = [\"https://api.example.com\"] } would allow it"
        );
        let volume = |name: &str, may_write| PermittedVolume {
            name: name.to_owned(),
            at: format!("/{name}"),
            may_write,
        };
        let permitted = Permitted {
            network: vec!["tcp://h\"\u{e4}:1".to_owned()],
            volumes: vec![volume("a", true), volume("b", false)],
        };
        let more = Denial { permitted: permitted.clone(), ..connect };
        assert_eq!(
            more.help(),
            "[components.web] permissions = { network = [\"tcp://h\\\"\u{e4}:1\", \"https://api.example.com\"], \
             volumes = [{ name = \"a\", at = \"/a\", access = \"write\" }, { name = \"b\", at = \"/b\" }] } \
             would allow it, in place of those that it has"
        );
        let (path, volume, at) = ("/b/x".to_owned(), "b".to_owned(), "/b".to_owned());
        let write = Denial { permitted, ..denial(Wanted::Write { path, volume, at }, None) };
        let line = write.line_that_grants().unwrap();
        assert!(line.ends_with("{ name = \"b\", at = \"/b\", access = \"write\" }] }"), "{line}");
        let own = denial(Wanted::Connect { origin: "tcp://127.0.0.1:80".into() }, None);
        assert!(own.to_string().contains("where no component of its workload listens"));
        let listen = denial(Wanted::Listen { address: "0.0.0.0:80".into() }, None);
        assert_eq!(listen.line_that_grants(), None);
        assert!(listen.to_string().contains("only inside of their workload"));
    }
}
