//! Starts the registry that Debian packages: the reference implementation of the distribution specification.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jackfield_protocol::Digest;
use tempfile::TempDir;

const PROGRAM: &str = "docker-registry";
const STARTS_WITHIN: Duration = Duration::from_secs(20);

pub(crate) const USER: &str = "ada";
pub(crate) const PASSWORD: &str = "correct horse";
/// The password as `htpasswd -B` writes it.
const HTPASSWD: &str = "ada:$2b$04$hUd8GlmAEHeUhBpMggLhW.Cf5LngIvfBky/cVWFoje12ZAXfiSVva\n";

/// A registry on a port of its own, with an empty folder. Ends with the value.
pub(crate) struct Server {
    process: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Server {
    /// A registry that asks nobody who they are.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// A registry that knows [`USER`] and nobody else.
    pub(crate) fn start_with_users() -> Self {
        Self::start_with("auth: {htpasswd: {realm: test, path: FOLDER/htpasswd}}")
    }

    fn start_with(auth: &str) -> Self {
        // Somebody else may take the port between finding it and using it.
        let mut attempts = (0..3).map(|_| Self::attempt(auth));
        attempts
            .find_map(Result::ok)
            .unwrap_or_else(|| Self::attempt(auth).unwrap_or_else(|log| panic!("{log}")))
    }

    fn attempt(auth: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let root = folder.path().display().to_string();
        let config = format!(
            "version: 0.1\n\
             log: {{level: error}}\n\
             storage: {{filesystem: {{rootdirectory: {root}/data}}, delete: {{enabled: true}}}}\n\
             http: {{addr: '127.0.0.1:{port}'}}\n\
             {}\n",
            auth.replace("FOLDER", &root)
        );
        fs::write(folder.path().join("config.yml"), config).unwrap();
        fs::write(folder.path().join("htpasswd"), HTPASSWD).unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new(PROGRAM)
            .arg("serve")
            .arg(folder.path().join("config.yml"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("`{PROGRAM}` cannot be started ({error}); `cargo xtask test` installs it")
            });
        let mut server = Self { process, folder, port };
        server.wait().map(|()| server)
    }

    fn wait(&mut self) -> Result<(), String> {
        let give_up_at = Instant::now() + STARTS_WITHIN;
        loop {
            let answers = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
            let has_ended = self.process.try_wait().unwrap().is_some();
            if has_ended || Instant::now() > give_up_at {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                return Err(format!("the registry did not start: {log}"));
            }
            if answers {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The file in which the registry keeps some content.
    pub(crate) fn blob(&self, digest: &Digest) -> PathBuf {
        let hex = digest.as_str().strip_prefix("sha256:").unwrap();
        let blobs = self.folder.path().join("data/docker/registry/v2/blobs/sha256");
        blobs.join(&hex[..2]).join(hex).join("data")
    }

    /// Puts an artifact of one layer under a tag, as others do who pack something else than components.
    pub(crate) fn put(&self, repository: &str, tag: &str, layer_type: &str, layer: &[u8], digest: &str) {
        let begun = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), "text/plain", b"");
        let location = begun.lines().find_map(|line| line.strip_prefix("Location: ")).expect("a place");
        let path = location.strip_prefix(&format!("http://{}", self.host())).expect("on this registry");
        self.send("PUT", &format!("{path}&digest={digest}"), "application/octet-stream", layer);
        let (manifest_type, size) = ("application/vnd.oci.image.manifest.v1+json", layer.len());
        let manifest = format!(
            r#"{{"schemaVersion": 2, "mediaType": "{manifest_type}",
                "config": {{"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "{digest}", "size": {size}}},
                "layers": [{{"mediaType": "{layer_type}", "digest": "{digest}", "size": {size}}}]}}"#
        );
        self.send("PUT", &format!("/v2/{repository}/manifests/{tag}"), manifest_type, manifest.as_bytes());
    }

    /// Sends a request that must succeed, and gives the whole answer.
    fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n\r\n",
            self.host(),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        answer.replace('\r', "")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nothing listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
