//! The `errands` sample over the workbench and over `jack`: what is denied is told with the grant that
//! allows it, and granting it allows it.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;

use jackfield_protocol::{Denial, Edit, Event, LogStream, Request, Response, WorkloadId, WorkloadView};
use jackfield_tests::files::{Workload, root, sample, sample_component};
use jackfield_tests::jack;
use jackfield_workbench::{Config, Subscription, Workbench};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use rustls::{ServerConfig, ServerConnection};

use crate::workbench::ask;

/// Answers every request on a loopback port with `hello`.
fn server() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
        }
    });
    Ok(origin)
}

async fn denied(events: &mut Subscription) -> Denial {
    loop {
        match events.next().await.expect("the workbench is there") {
            Event::Denied { denial, .. } => return denial,
            _ => continue,
        }
    }
}

async fn get(workbench: &Workbench, workload: WorkloadId, url: &str) -> String {
    let (component, function) = ("clerk".into(), "desk#pass-on".to_owned());
    let args = vec!["\"get\"".to_owned(), format!("[{url:?}]")];
    match ask(workbench, Request::Call { workload, component, function, args, ticket: None }).await {
        Response::Called(outcome) => outcome.result.expect("a result"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_comes_as_an_event_and_its_grant_allows_it() -> anyhow::Result<()> {
    let origin = server()?;
    let workbench = Workbench::new(Config::default())?;
    let mut events = workbench.subscribe();
    let path = root().join(sample("errands")).display().to_string();
    let Response::Opened(WorkloadView { id, .. }) = ask(&workbench, Request::Open { path }).await else {
        panic!("it opens")
    };
    let grant = |origin| Request::Grant { workload: id, component: "errands".into(), origin };
    let early = workbench.dispatch(grant(origin.clone())).await.expect_err("it does not run");
    assert!(early.message.contains("does not run"), "{early}");
    ask(&workbench, Request::Start(id)).await;
    assert!(get(&workbench, id, &origin).await.contains("ConnectionRefused"));
    let denial = denied(&mut events).await;
    assert_eq!(denial.component, "errands");
    assert_eq!(denial.grant.as_ref(), Some(&origin));
    let Response::Logs(page) =
        ask(&workbench, Request::Logs { workload: id, after: 0, before: None, limit: 10 }).await
    else {
        panic!("a log")
    };
    let told = page.records.iter().find(|record| record.text.contains("would allow it")).expect("a line");
    assert_eq!((told.stream, told.call), (LogStream::Host, denial.call));
    ask(&workbench, grant(denial.grant.expect("a grant"))).await;
    assert_eq!(get(&workbench, id, &origin).await, "ok(\"200\\n\\nhello\")");
    ask(&workbench, Request::Revoke { workload: id, component: "errands".into(), origin: origin.clone() })
        .await;
    assert!(get(&workbench, id, &origin).await.contains("ConnectionRefused"));
    workbench.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_takes_what_was_allowed_back_at_once_and_redo_gives_it_again() -> anyhow::Result<()> {
    let origin = server()?;
    let workbench = Workbench::new(Config::default())?;
    let path = root().join(sample("errands")).display().to_string();
    let Response::Opened(WorkloadView { id, .. }) = ask(&workbench, Request::Open { path }).await else {
        panic!("it opens")
    };
    ask(&workbench, Request::Start(id)).await;
    let (component, is_granted) = ("errands".into(), true);
    let edit = Edit::SetNetwork { component, origin: origin.clone(), is_granted };
    let Response::Edited { before, after, .. } = ask(&workbench, Request::Edit { workload: id, edit }).await
    else {
        panic!("it is allowed")
    };
    assert_eq!(get(&workbench, id, &origin).await, "ok(\"200\\n\\nhello\")");
    for (revision, is_allowed) in [(before, false), (after, true), (before, false)] {
        ask(&workbench, Request::Restore { workload: id, revision }).await;
        let Response::Snapshot(snapshot) = ask(&workbench, Request::Snapshot).await else { panic!("one") };
        assert!(!snapshot.workloads[0].needs_restart, "nothing has to be started anew");
        let got = get(&workbench, id, &origin).await;
        assert_eq!(got == "ok(\"200\\n\\nhello\")", is_allowed, "{got}");
    }
    workbench.shutdown().await;
    Ok(())
}

const CERTIFICATE: &[u8] = include_bytes!("tls/server.pem");
/// Of this test alone: nobody trusts whom it vouches for.
const KEY: &[u8] = include_bytes!("tls/server.key");

/// Answers every request on a loopback port with `hello`, over TLS. Gives the port.
fn tls_server() -> anyhow::Result<u16> {
    let certificates = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<Vec<_>, _>>()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, PrivateKeyDer::from_pem_slice(KEY)?)?;
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), Ok(mut tls)) = (stream, ServerConnection::new(Arc::clone(&config))) else {
                return;
            };
            let mut tls = rustls::Stream::new(&mut tls, &mut stream);
            let mut request = [0; 4096];
            if tls.read(&mut request).is_ok() {
                let _ = tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        }
    });
    Ok(port)
}

#[test]
fn https_is_spoken_to_whom_this_machine_trusts_and_to_nobody_else() -> anyhow::Result<()> {
    let port = tls_server()?;
    let (by_address, by_name) = (format!("https://127.0.0.1:{port}"), format!("https://localhost:{port}"));
    let workload = Workload::new(&format!(
        "name = \"https\"\n\n[components.errands]\nsource = \"./errands.wasm\"\n\
         permissions = {{ network = [\"{by_address}\", \"{by_name}\"] }}\n"
    ))?;
    workload.add("errands.wasm", sample_component("errands", "errands")?)?;
    let get = |origin: &str, trusted: Option<&str>| {
        let url = format!("[\"{origin}/\"]");
        let file = workload.file();
        let words = ["errands", "errands#run", "\"get\"", &url].map(OsStr::new);
        let mut command = jack::command([OsStr::new("call"), file.as_os_str()].into_iter().chain(words))?;
        // What this machine trusts is told to it as to any program; Jackfield has no switch of its own for it.
        if let Some(trusted) = trusted {
            command.env("SSL_CERT_FILE", root().join("tests/tests/all/tls").join(trusted));
        }
        jack::Running::start(command)?.finish(jack::PATIENCE)
    };
    for origin in [&by_address, &by_name] {
        assert_eq!(get(origin, Some("ca.pem"))?.success(), "ok(\"200\\n\\nhello\")\n", "{origin}");
    }
    let finished = get(&by_address, None)?;
    assert!(finished.success().contains("TlsCertificateError"), "{finished}");
    Ok(())
}

#[test]
fn jack_up_passes_on_what_is_piped_into_it() -> anyhow::Result<()> {
    let workload = Workload::new(
        "name = \"echo\"\n\n[components.errands]\nsource = \"./errands.wasm\"\nargs = [\"echo\"]\n\n\
         [service]\ncomponent = \"errands\"\n",
    )?;
    workload.add("errands.wasm", sample_component("errands", "errands")?)?;
    let mut command = jack::command(["up".as_ref(), workload.file().as_os_str()])?;
    command.stdin(Stdio::piped());
    let mut running = jack::Running::start(command)?;
    let mut stdin = running.group.child().stdin.take().expect("a pipe");
    stdin.write_all(b"one\ntwo\n")?;
    drop(stdin);
    let finished = running.finish(jack::PATIENCE)?;
    let heard: Vec<&str> =
        finished.success().lines().filter_map(|line| line.split("stdout ").nth(1)).collect();
    assert_eq!(heard, ["heard one", "heard two"], "{finished}");
    assert!(finished.stderr.contains("echo: completed"), "{finished}");
    Ok(())
}
