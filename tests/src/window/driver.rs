//! Starting the window, with a browser driver or without.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::json;
use tempfile::TempDir;

use super::Display;
use super::webdriver::{Client, Window};
use crate::files;
use crate::process::{Group, Lines};

const PATIENCE: Duration = Duration::from_secs(20);

/// WebKit's browser driver, in a D-Bus session of its own.
#[derive(Debug)]
pub struct Driver {
    client: Client,
    group: Group,
    _home: TempDir,
}

/// Programs that WebKit belongs to, away from the user's display, session bus, cache and settings.
///
/// # Errors
/// If no temporary folder can be made.
pub fn command<S: AsRef<OsStr>>(
    display: &Display,
    program: impl IntoIterator<Item = S>,
) -> anyhow::Result<(Command, TempDir)> {
    let home = tempfile::tempdir()?;
    // Else the sockets of one run's accessibility bus would lie in the cache, in the way of the next.
    let runtime = home.path().join("runtime");
    DirBuilder::new().mode(0o700).create(&runtime)?;
    let mut command = Command::new("dbus-run-session");
    command
        .arg("--")
        .args(program)
        .current_dir(files::root())
        .env("DISPLAY", display.name())
        .env("GDK_BACKEND", "x11")
        .env_remove("WAYLAND_DISPLAY")
        .env("XDG_CACHE_HOME", files::target_folder()?.join("tests-cache"))
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("JACKFIELD_DATA", home.path().join("data/jackfield"))
        .env("DOCKER_CONFIG", home.path().join("config"))
        .env("JACKFIELD_SAMPLES", files::root().join("samples"))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    Ok((command, home))
}

impl Driver {
    /// Starts the driver and waits until it takes requests.
    ///
    /// # Errors
    /// If it is not installed or does not start.
    pub fn start(display: &Display) -> anyhow::Result<Self> {
        let port = free_port()?;
        let (mut command, home) = command(display, ["WebKitWebDriver"])?;
        command
            .arg(format!("--port={port}"))
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("JACKFIELD_TIMING", "1")
            .stderr(Stdio::piped());
        let mut group = Group::spawn(&mut command).context("run `cargo xtask setup`")?;
        // What the window prints ends up among the test's output, where it explains failures.
        let stderr = group.child().stderr.take().context("no pipe from the driver")?;
        Lines::of(stderr).print();
        let client = Client::new(format!("http://127.0.0.1:{port}"));
        let deadline = Instant::now() + PATIENCE;
        while client.get("/status").is_err() {
            if Instant::now() > deadline {
                bail!("WebKitWebDriver did not get ready within {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { client, group, _home: home })
    }

    /// Opens Jackfield's window.
    ///
    /// # Errors
    /// If the program was not built, or its window does not open.
    pub fn open(&self, args: &[&str]) -> anyhow::Result<Window> {
        let program = files::program("jackfield")?;
        let options = json!({ "binary": program, "args": args });
        let capabilities = json!({ "alwaysMatch": { "webkitgtk:browserOptions": options } });
        let session = self.client.post("/session", &json!({ "capabilities": capabilities }))?;
        let id = session["sessionId"].as_str().context("a session without an id")?;
        Ok(Window::new(self.client.under(&format!("/session/{id}"))))
    }

    /// The process at the head of all those that the driver started.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.group.id()
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
