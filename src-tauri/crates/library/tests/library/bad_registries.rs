//! Servers that answer what no registry should.

use jackfield_library::{Access, RegistryError, registry};
use jackfield_protocol::ErrorKind;
use tokio_util::sync::CancellationToken;

use crate::proxy::{answering, response};
use crate::support::{assert_empty, component, digest_of, pull, push, reference, store};

async fn pull_from(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> RegistryError {
    let port = answering(answer);
    let (_folder, store) = store();
    let error = pull(&store, &reference(&format!("oci://localhost:{port}/a/b:1"))).await.unwrap_err();
    assert_empty(&store);
    assert!(!error.to_string().is_empty());
    error
}

fn manifest(layer_type: &str, digest: &str, size_in_bytes: usize) -> String {
    format!(
        r#"{{"schemaVersion": 2, "config": {{"mediaType": "application/vnd.wasm.config.v0+json", "digest": "{digest}", "size": 2}},
            "layers": [{{"mediaType": "{layer_type}", "digest": "{digest}", "size": {size_in_bytes}}}]}}"#
    )
}

#[tokio::test]
async fn statuses_become_words() {
    for (status, message, help) in [
        ("401 Unauthorized", "wants to know who you are", "docker login"),
        ("403 Forbidden", "does not allow this", "ask the repository's owner"),
        ("404 Not Found", "no such tag or digest", "list the repository's tags"),
        ("429 Too Many Requests", "asks to wait", "try again later"),
        ("503 Service Unavailable", "HTTP status 503", "try again later"),
    ] {
        let error = pull_from(move |_| response(status, "", "")).await;
        let error = jackfield_protocol::Error::from(error);
        assert!(error.message.contains(message), "{status}: {error}");
        assert!(error.help.as_ref().is_some_and(|text| text.contains(help)), "{status}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_registry_is_called_so() {
    let error = pull_from(|_| response("200 OK", "Content-Type: text/html\r\n", "<html>hello</html>")).await;
    assert!(matches!(error, RegistryError::Manifest { .. }), "{error}");
    let error = pull_from(|_| b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()).await;
    assert!(matches!(error, RegistryError::Unreachable { .. } | RegistryError::CutOff { .. }), "{error}");
    let error = pull_from(|_| Vec::new()).await;
    assert!(matches!(error, RegistryError::CutOff { done_in_bytes: 0, .. }), "{error}");
}

#[tokio::test]
async fn a_token_that_cannot_stand_in_a_header_does_no_harm() {
    // The client would panic over it.
    let error = pull_from(|request| {
        if request.starts_with("GET /v2/ ") {
            let realm = "WWW-Authenticate: Bearer realm=\"/token\"\r\n";
            return response("401 Unauthorized", realm, "");
        }
        response("200 OK", "", r#"{"token": "a\nb"}"#)
    })
    .await;
    assert_eq!(jackfield_protocol::Error::from(error).kind, ErrorKind::NotAComponent);
    let port = std::sync::Arc::new(std::sync::OnceLock::new());
    let own = std::sync::Arc::clone(&port);
    let listening = answering(move |request| {
        if request.starts_with("GET /v2/ ") {
            let realm = format!(
                "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{}/token\"\r\n",
                own.get().unwrap()
            );
            return response("401 Unauthorized", &realm, "");
        }
        response("200 OK", "", r#"{"token": "a\nb"}"#)
    });
    port.set(listening).unwrap();
    let (_folder, store) = store();
    let error = pull(&store, &reference(&format!("oci://127.0.0.1:{listening}/a:1"))).await.unwrap_err();
    assert!(matches!(error, RegistryError::NotARegistry { .. }), "{error}");
}

#[tokio::test]
async fn other_artifacts_and_other_digests_are_refused() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let body = manifest("application/vnd.oci.image.layer.v1.tar+gzip", &digest, 5);
    let error = pull_from(move |_| response("200 OK", "", &body)).await;
    assert!(error.to_string().contains("not a WebAssembly component"), "{error}");

    let body = manifest("application/wasm", "sha512:ab", 5);
    let error = pull_from(move |_| response("200 OK", "", &body)).await;
    assert!(error.to_string().contains("not SHA-256"), "{error}");

    let body = manifest("application/wasm", "../../etc/passwd", 5);
    let error = pull_from(move |_| response("200 OK", "", &body)).await;
    assert!(matches!(error, RegistryError::Manifest { .. }), "{error}");
}

#[tokio::test]
async fn content_that_is_no_component_is_not_stored() {
    // A core module, under its right digest.
    let module = b"\0asm\x01\0\0\0";
    let digest = digest_of(module);
    let body = manifest("application/wasm", digest.as_str(), module.len());
    let error = pull_from(move |request| {
        let is_manifest = request.contains("/manifests/");
        response("200 OK", "", if is_manifest { body.as_bytes() } else { module })
    })
    .await;
    assert!(matches!(error, RegistryError::NotAComponent { .. }), "{error}");
    let error = jackfield_protocol::Error::from(error);
    assert!(error.message.starts_with("a core module, not a component") && error.help.is_some());
}

#[tokio::test]
async fn more_bytes_than_announced_are_not_taken() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let body = manifest("application/wasm", &digest, 5);
    let error = pull_from(move |request| {
        let content = vec![0; 1 << 20];
        response("200 OK", "", if request.contains("/manifests/") { body.as_bytes() } else { &content })
    })
    .await;
    let RegistryError::SizeMismatch { expected_in_bytes: 5, actual_in_bytes, .. } = error else {
        panic!("{error}")
    };
    assert!(actual_in_bytes < 1 << 20, "it stopped early: {actual_in_bytes}");
}

#[tokio::test]
async fn pages_of_tags_are_put_together() {
    let port = answering(|request| {
        let path = request.split(' ').nth(1).unwrap();
        let first = path.split("last=").nth(1).map_or(0, |last| last.parse::<u32>().unwrap() + 1);
        // Shorter pages than were asked for, as some registries give.
        let tags: Vec<String> = (first..250).take(60).map(|tag| format!("\"{tag:03}\"")).collect();
        response("200 OK", "", format!(r#"{{"name": "a/b", "tags": [{}]}}"#, tags.join(",")))
    });
    let of = reference(&format!("oci://localhost:{port}/a/b"));
    let tags = registry::list_tags(&of, &Access::default(), &CancellationToken::new()).await.unwrap();
    assert_eq!(tags.len(), 250);
    assert!(tags.is_sorted());

    let port = answering(|_| response("200 OK", "", r#"{"name": "a/b", "tags": null}"#));
    let of = reference(&format!("oci://localhost:{port}/a/b"));
    assert!(
        registry::list_tags(&of, &Access::default(), &CancellationToken::new()).await.unwrap().is_empty()
    );
}

#[tokio::test]
async fn a_registry_that_takes_no_pieces_gets_the_whole() {
    let port = answering(|request| match request.split(' ').next().unwrap() {
        "POST" => response("202 Accepted", "Location: /upload\r\n", ""),
        // Not what the specification says of a piece.
        "PATCH" => response("200 OK", "", ""),
        "PUT" => response("201 Created", "Location: /there\r\n", ""),
        _ => response("404 Not Found", "", ""),
    });
    push(&component("a:b/c@1.0.0"), &reference(&format!("oci://localhost:{port}/a:1"))).await.unwrap();
}
