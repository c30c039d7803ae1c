//! Who the user is to a registry.
//!
//! Docker's `config.json` is read because everybody who has used a registry has one. Only what stands
//! in the file itself is used: the helpers that it can name are programs, which are not started from here.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jackfield_protocol::{Error, ErrorKind};
use serde::Deserialize;

/// What is shown to a registry that asks. Never printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    /// Nothing: public repositories only.
    #[default]
    Anonymous,
    /// A name and a password, or an access token in the password's place.
    Password {
        /// The user's name.
        username: String,
        /// The password.
        password: String,
    },
    /// A token that the registry takes as it is.
    Bearer(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Password { username, .. } => {
                f.debug_struct("Password").field("username", username).finish_non_exhaustive()
            }
            Self::Bearer(_) => f.write_str("Bearer(…)"),
        }
    }
}

/// Why docker's configuration gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// It cannot be read.
    #[error("docker's configuration cannot be read ({source}): {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what docker writes.
    #[error("docker's configuration is not as it should be ({reason}): {}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why, without any secret.
        reason: String,
    },
    /// The credentials are kept by a helper program.
    #[error("the credentials for {host} are kept by `docker-credential-{helper}`, which is not supported")]
    Helper {
        /// The registry.
        host: String,
        /// The helper's name.
        helper: String,
    },
    /// There is only a token with which to ask for tokens.
    #[error("docker's configuration has an identity token for {host}, which is not supported")]
    IdentityToken {
        /// The registry.
        host: String,
    },
}

impl From<CredentialsError> for Error {
    fn from(error: CredentialsError) -> Self {
        let kind = match error {
            CredentialsError::Unreadable { .. } | CredentialsError::Malformed { .. } => ErrorKind::File,
            CredentialsError::Helper { .. } | CredentialsError::IdentityToken { .. } => ErrorKind::Registry,
        };
        Self::new(kind, error.to_string()).with_help("give a user name and a password, or a token, instead")
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct DockerConfig {
    auths: BTreeMap<String, DockerAuth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase", default)]
struct DockerAuth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl Credentials {
    /// What docker's configuration file at `path` has for a registry's host; anonymous if it has
    /// nothing, or if there is no such file.
    ///
    /// # Errors
    /// If the file cannot be understood, or names a helper for this host.
    pub fn from_docker_config(path: &Path, host: &str) -> Result<Self, CredentialsError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Anonymous),
            Err(source) => return Err(CredentialsError::Unreadable { path: path.to_owned(), source }),
        };
        let malformed = |reason| CredentialsError::Malformed { path: path.to_owned(), reason };
        let config: DockerConfig = serde_json::from_slice(&text)
            // The parser's own message could quote a secret.
            .map_err(|error| malformed(format!("no JSON of its form in line {}", error.line())))?;
        let auth = lookup(&config.auths, host);
        if let Some(found) = auth.and_then(|auth| auth.read().transpose()) {
            return found.map_err(|reason| malformed(format!("{reason} of {host}")));
        }
        match config.helper(host, auth.is_some()) {
            Some(helper) => {
                Err(CredentialsError::Helper { host: host.to_owned(), helper: helper.to_owned() })
            }
            None if auth.is_some_and(|auth| auth.identitytoken.is_some()) => {
                Err(CredentialsError::IdentityToken { host: host.to_owned() })
            }
            None => Ok(Self::Anonymous),
        }
    }
}

impl DockerConfig {
    /// A helper for all registries counts only for those that docker has logged in to: it leaves an empty
    /// entry for each.
    fn helper(&self, host: &str, is_logged_in: bool) -> Option<&str> {
        let own = lookup(&self.cred_helpers, host);
        own.or(self.creds_store.as_ref().filter(|_| is_logged_in)).map(String::as_str)
    }
}

impl DockerAuth {
    fn read(&self) -> Result<Option<Credentials>, &'static str> {
        if let Some(token) = &self.registrytoken {
            return Ok(Some(Credentials::Bearer(token.clone())));
        }
        if let (Some(username), Some(password)) = (&self.username, &self.password) {
            return Ok(Some(Credentials::Password {
                username: username.clone(),
                password: password.clone(),
            }));
        }
        let Some(auth) = self.auth.as_deref().filter(|auth| !auth.is_empty()) else { return Ok(None) };
        let text = BASE64_STANDARD.decode(auth).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or("`auth` is not base64 of text in the entry")?;
        let (username, password) = text.split_once(':').ok_or("`auth` has no colon in the entry")?;
        // Docker pads with zero bytes what older versions of it wrote.
        let password = password.trim_end_matches('\0');
        if password.is_empty() && self.identitytoken.is_some() {
            return Ok(None);
        }
        Ok(Some(Credentials::Password { username: username.to_owned(), password: password.to_owned() }))
    }
}

/// Docker's keys are hosts, or addresses of which only the host counts.
fn lookup<'a, T>(table: &'a BTreeMap<String, T>, host: &str) -> Option<&'a T> {
    let is_hub = |host: &str| matches!(host, "docker.io" | "index.docker.io");
    let matches = |key: &str| {
        let key = key.trim_start_matches("https://").trim_start_matches("http://");
        let key = key.split('/').next().unwrap_or(key);
        key.eq_ignore_ascii_case(host) || (is_hub(key) && is_hub(host))
    };
    table.get(host).or_else(|| table.iter().find(|(key, _)| matches(key)).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, host: &str) -> Result<Credentials, CredentialsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, json).unwrap();
        Credentials::from_docker_config(&path, host)
    }

    fn password(username: &str, password: &str) -> Credentials {
        Credentials::Password { username: username.into(), password: password.into() }
    }

    #[test]
    fn what_docker_login_writes_is_read() {
        let auth = BASE64_STANDARD.encode("ada:pass:word");
        let json = format!(
            r#"{{"auths": {{"ghcr.io": {{"auth": "{auth}"}}, "https://index.docker.io/v1/": {{"auth": "{auth}"}}}}}}"#
        );
        assert_eq!(read(&json, "ghcr.io").unwrap(), password("ada", "pass:word"));
        assert_eq!(read(&json, "docker.io").unwrap(), password("ada", "pass:word"));
        assert_eq!(read(&json, "quay.io").unwrap(), Credentials::Anonymous);
        let token = r#"{"auths": {"quay.io": {"registrytoken": "t"}}}"#;
        assert_eq!(read(token, "quay.io").unwrap(), Credentials::Bearer("t".into()));
    }

    #[test]
    fn no_file_means_anonymous() {
        let found = Credentials::from_docker_config(Path::new("/no/such/config.json"), "ghcr.io");
        assert_eq!(found.unwrap(), Credentials::Anonymous);
    }

    #[test]
    fn helpers_are_named_and_not_started() {
        let own =
            r#"{"credHelpers": {"gcr.io": "gcloud"}, "credsStore": "desktop", "auths": {"ghcr.io": {}}}"#;
        assert!(
            matches!(read(own, "gcr.io"), Err(CredentialsError::Helper { helper, .. }) if helper == "gcloud")
        );
        assert!(
            matches!(read(own, "ghcr.io"), Err(CredentialsError::Helper { helper, .. }) if helper == "desktop")
        );
        assert_eq!(read(own, "quay.io").unwrap(), Credentials::Anonymous);
    }

    #[test]
    fn secrets_are_in_no_message() {
        let secret = "c2VjcmV0";
        for json in [
            format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{secret}"}}}}}}"#),
            format!(r#"{{"auths": {{"ghcr.io": "{secret}"}}}}"#),
        ] {
            let message = read(&json, "ghcr.io").unwrap_err().to_string();
            assert!(!message.contains(secret) && !message.contains("secret"), "{message}");
        }
        assert!(!format!("{:?}", password("ada", "secret")).contains("secret"));
    }
}
