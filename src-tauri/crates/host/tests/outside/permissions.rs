//! The network: denied by default, granted by origin, and by component.

use jackfield_protocol::Wanted;

use crate::{
    http::Server,
    support::{Bench, errand, errand_of},
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_granted_by_default() {
    let server = Server::start("").await;
    let bench = Bench::office("", "", "");
    let running = bench.started().await;
    let url = format!("{}/", server.origin());
    let answer = errand(&running, "clerk", "get", &[&url]).await;
    assert!(answer.contains("ConnectionRefused"), "{answer}");
    let answer = errand(&running, "clerk", "get", &["http://192.0.2.1/"]).await;
    assert!(answer.contains("HttpRequestDenied"), "{answer}");
    let address = format!("127.0.0.1:{}", server.port);
    assert_eq!(errand(&running, "clerk", "send", &[&address, "hello"]).await, "err(\"connection-refused\")");
    assert_eq!(errand(&running, "clerk", "look-up", &["example.com"]).await, "err(\"access-denied\")");
    assert_eq!(errand(&running, "clerk", "listen", &["192.0.2.1:8080"]).await, "err(\"access-denied\")");
    assert_eq!(errand(&running, "clerk", "env", &[]).await, "ok(\"\")");
    assert_eq!(errand(&running, "clerk", "args", &[]).await, "ok(\"clerk\")");
    assert!(errand(&running, "clerk", "read", &["/etc/passwd"]).await.starts_with("err("));
    assert_eq!(server.connections(), 0);
    let wanted: Vec<Wanted> = bench.witness.denials().into_iter().map(|denial| denial.wanted).collect();
    assert_eq!(
        wanted,
        [
            Wanted::Connect { origin: server.origin() },
            Wanted::Connect { origin: "http://192.0.2.1".into() },
            Wanted::Connect { origin: format!("tcp://{address}") },
            Wanted::LookUp { name: "example.com".into() },
            Wanted::Listen { address: "192.0.2.1:8080".into() },
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_for_one_component_and_one_origin() {
    let (granted, other) = (Server::start("").await, Server::start("").await);
    let permission = format!("permissions = {{ network = [\"{}\"] }}", granted.origin());
    let bench = Bench::office("", &permission, "");
    let running = bench.started().await;
    let get = async |who, server: &Server| errand(&running, who, "get", &[&server.origin()]).await;
    assert_eq!(get("errands", &granted).await, "ok(\"200\\n\\nhello\")");
    assert!(get("clerk", &granted).await.contains("ConnectionRefused"), "in the same call, but not the same");
    assert!(get("errands", &other).await.contains("ConnectionRefused"), "another port");
    let localhost = format!("http://localhost:{}/", granted.port);
    let answer = errand(&running, "errands", "get", &[&localhost]).await;
    assert!(answer.contains("ConnectionRefused"), "another name: {answer}");
    assert_eq!((granted.connections(), other.connections()), (1, 0));
    let denied: Vec<_> =
        bench.witness.denials().into_iter().map(|it| (it.component.to_string(), it.grant.unwrap())).collect();
    let localhost = localhost.trim_end_matches('/').to_owned();
    let expected = [("clerk", granted.origin()), ("errands", other.origin()), ("errands", localhost)];
    assert_eq!(denied, expected.map(|(name, origin)| (name.to_owned(), origin)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_given_to_the_component_and_following_it_is_decided_anew() {
    let elsewhere = Server::start("").await;
    let target = format!("{}/secret", elsewhere.origin());
    let server = Server::start(&target).await;
    let permission = format!("permissions = {{ network = [\"{}\"] }}", server.origin());
    let bench = Bench::office(&permission, "", "");
    let running = bench.started().await;
    let answer = errand(&running, "clerk", "get", &[&format!("{}/away", server.origin())]).await;
    assert_eq!(answer, format!("ok(\"302\\n{target}\\n\")"));
    assert_eq!(elsewhere.connections(), 0, "the host does not follow it");
    let answer = errand(&running, "clerk", "get", &[&target]).await;
    assert!(answer.contains("ConnectionRefused"), "{answer}");
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_name_that_stands_for_this_machine_is_refused() {
    let server = Server::start("").await;
    let permission = format!("permissions = {{ network = [\"http://*:{}\"] }}", server.port);
    let bench = Bench::office(&permission, "", "");
    let running = bench.started().await;
    for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"] {
        let url = format!("http://{host}:{}/", server.port);
        let answer = errand(&running, "clerk", "get", &[&url]).await;
        assert!(answer.starts_with("err("), "{url}: {answer}");
    }
    assert_eq!(server.connections(), 0);
    let grant = bench.witness.missing_grants().remove(0);
    running.grant(&"clerk".into(), &grant).unwrap();
    let by_name = errand(&running, "clerk", "get", &[&format!("http://localhost:{}/", server.port)]).await;
    // A machine may have ::1 as the first address of `localhost`, and the server has none there.
    assert!(by_name.starts_with("ok(") || grant.contains("[::1]"), "{by_name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_granted_and_taken_counts_while_it_runs() {
    let server = Server::start("").await;
    let bench = Bench::office("", "", "");
    let running = bench.started().await;
    let get = async || errand_of(&running, "errands", "get", &[&server.origin()]).await;
    for _ in 0..3 {
        assert!(get().await.contains("ConnectionRefused"));
    }
    let denials = bench.witness.denials();
    assert_eq!(denials.len(), 1, "told once: {denials:?}");
    assert!(denials[0].call.is_some());
    let line = denials[0].line_that_grants().unwrap();
    assert_eq!(line, format!("permissions = {{ network = [\"{}\"] }}", server.origin()));
    let lines = bench.witness.lines();
    assert!(lines.iter().any(|told| told.starts_with("errands host: ") && told.contains(&line)), "{lines:?}");
    running.grant(&"errands".into(), &server.origin()).unwrap();
    assert_eq!(get().await, "ok(\"200\\n\\nhello\")");
    running.revoke(&"errands".into(), &server.origin()).unwrap();
    assert!(get().await.contains("ConnectionRefused"));
    assert_eq!(bench.witness.denials().len(), 2, "told again, because the permissions had changed");
    assert!(running.grant(&"errands".into(), "example.com").is_err());
    assert!(running.grant(&"nobody".into(), &server.origin()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_secret_is_not_said_without_tls() {
    let server = Server::start("").await;
    let origin = format!("https://127.0.0.1:{}", server.port);
    let bench = Bench::office(&format!("permissions = {{ network = [\"{origin}\"] }}"), "", "");
    let running = bench.started().await;
    let answer = errand(&running, "clerk", "get", &[&origin]).await;
    assert!(answer.contains("Tls"), "{answer}");
    let answer = errand(&running, "clerk", "get", &[&server.origin()]).await;
    assert!(answer.contains("ConnectionRefused"), "the scheme matters: {answer}");
    let both = format!("permissions = {{ network = [\"{origin}\", \"{}\"] }}", server.origin());
    let told = format!("[components.clerk] {both} would allow it, in place of those that it has");
    let lines = bench.witness.lines();
    assert!(lines.iter().any(|line| line.contains(&told)), "{lines:?}");
    let bench = Bench::office(&both, "", "");
    let running = bench.started().await;
    assert!(errand(&running, "clerk", "get", &[&server.origin()]).await.contains("hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_connects_where_it_may() {
    let server = Server::start("").await;
    let address = format!("127.0.0.1:{}", server.port);
    let bench = Bench::office("", &format!("permissions = {{ network = [\"tcp://{address}\"] }}"), "");
    let running = bench.started().await;
    let request = "GET / HTTP/1.0\r\n\r\n";
    let answer = errand(&running, "errands", "send", &[&address, request]).await;
    assert!(answer.contains("hello"), "{answer}");
    assert_eq!(errand(&running, "clerk", "send", &[&address, request]).await, "err(\"connection-refused\")");
    assert_eq!(bench.witness.missing_grants(), [format!("tcp://{address}")]);
}
