//! Push, pull and list with a real registry, whole and broken.

use std::fs;
use std::sync::Mutex;
use std::time::Duration;

use jackfield_library::{
    Access, AliasTarget, Annotations, Credentials, Index, Library, Progress, RegistryError,
    RegistryReference, ResolveError, Step, annotation, registry,
};
use jackfield_protocol::{Error, ErrorKind};
use tokio_util::sync::CancellationToken;

use crate::proxy::{Then, wire};
use crate::server::{PASSWORD, Server, USER, free_port};
use crate::support::{
    assert_empty, component, digest_of, large_component, pull, pull_as, push, push_as, reference, store,
};

const LARGE_IN_BYTES: usize = 6 << 20;

fn of(server: &Server, rest: &str) -> RegistryReference {
    reference(&format!("oci://{}/{rest}", server.host()))
}

#[tokio::test]
async fn what_is_pushed_comes_back_by_tag_and_by_digest() {
    let server = Server::start();
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    let annotations = Annotations::from([(annotation::TITLE.to_owned(), "Square".to_owned())]);
    let by_tag = of(&server, "acme/square:1.0");
    let cancel = CancellationToken::new();
    let pushed =
        registry::push(&square, &by_tag, &annotations, &Access::default(), &cancel, &|_| ()).await.unwrap();

    let pulled = pull(&store, &by_tag).await.unwrap();
    assert_eq!(pulled.component.bytes(), square.bytes());
    assert_eq!(pulled.transferred_in_bytes, square.info().size_in_bytes);
    assert_eq!((pulled.record.manifest, pulled.record.annotations), (pushed.manifest, annotations));

    let again = pull(&store, &pushed.reference).await.unwrap();
    assert_eq!(again.component.bytes(), square.bytes());
    assert_eq!(again.transferred_in_bytes, 0, "the store had it");

    let other = component("a:b/c@1.0.0").info().digest.clone();
    let error = pull(&store, &by_tag.with_digest(other)).await.unwrap_err();
    assert!(matches!(error, RegistryError::NoSuchManifest { .. }), "{error}");
    // The component's digest is not the manifest's. This registry stumbles over it.
    let error = pull(&store, &by_tag.with_digest(square.info().digest.clone())).await.unwrap_err();
    assert!(matches!(error, RegistryError::Server { .. }), "{error}");
    let error = pull(&store, &of(&server, "acme/square:2.0")).await.unwrap_err();
    assert!(matches!(error, RegistryError::NoSuchManifest { .. }), "{error}");
    let error = pull(&store, &of(&server, "acme/circle:1.0")).await.unwrap_err();
    assert!(
        matches!(error, RegistryError::NoSuchManifest { .. } | RegistryError::NoSuchRepository { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn progress_goes_up_to_the_whole_and_a_large_component_arrives() {
    let server = Server::start();
    let (_folder, store) = store();
    let large = large_component(LARGE_IN_BYTES, 1);
    let to = of(&server, "large:1");
    let heard = Mutex::new(Vec::new());
    let note = |progress: Progress| heard.lock().unwrap().push(progress);
    let cancel = CancellationToken::new();
    registry::push(&large, &to, &Annotations::new(), &Access::default(), &cancel, &note).await.unwrap();
    registry::pull(&store, &to, &Access::default(), &cancel, &note).await.unwrap();
    let total = large.info().size_in_bytes;
    let heard = heard.into_inner().unwrap();
    let pulling = heard.iter().rposition(|progress| progress.step == Step::Resolving).unwrap();
    for part in [&heard[..pulling], &heard[pulling..]] {
        let done: Vec<_> = part.iter().map(|progress| progress.done_in_bytes).collect();
        assert!(done.is_sorted() && done.last() == Some(&total), "{done:?}");
    }
    assert_eq!(store.read(&large.info().digest).unwrap().bytes(), large.bytes());
}

#[tokio::test]
async fn tags_are_listed_and_a_repository_that_is_not_there_is_named() {
    let server = Server::start();
    let square = component("math:ops/square@1.0.0");
    for tag in ["1.1", "1.0", "latest"] {
        push(&square, &of(&server, "acme/square").with_tag(tag).unwrap()).await.unwrap();
    }
    let cancel = CancellationToken::new();
    let tags = registry::list_tags(&of(&server, "acme/square"), &Access::default(), &cancel).await.unwrap();
    assert_eq!(tags, ["1.0", "1.1", "latest"]);
    let error =
        registry::list_tags(&of(&server, "acme/none"), &Access::default(), &cancel).await.unwrap_err();
    assert!(matches!(error, RegistryError::NoSuchRepository { .. }), "{error}");
}

#[tokio::test]
async fn bytes_that_changed_in_the_registry_are_refused() {
    let server = Server::start();
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    let from = of(&server, "square:1");
    push(&square, &from).await.unwrap();
    let blob = server.blob(&square.info().digest);

    let mut bytes = square.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&blob, &bytes).unwrap();
    let error = pull(&store, &from).await.unwrap_err();
    assert!(matches!(error, RegistryError::DigestMismatch { .. }), "{error}");

    bytes.extend([0; 100]);
    fs::write(&blob, &bytes).unwrap();
    let error = pull(&store, &from).await.unwrap_err();
    assert!(
        matches!(error, RegistryError::SizeMismatch { .. } | RegistryError::DigestMismatch { .. }),
        "{error}"
    );

    fs::remove_file(&blob).unwrap();
    let error = pull(&store, &from).await.unwrap_err();
    assert!(matches!(error, RegistryError::NoSuchContent { .. }), "{error}");
    assert_empty(&store);
}

#[tokio::test]
async fn what_is_no_component_is_refused_before_or_after_it_came() {
    let server = Server::start();
    let (_folder, store) = store();
    let module = b"\0asm\x01\0\0\0";
    let digest = digest_of(module);
    let layer_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    server.put("acme/image", "1", layer_type, module, digest.as_str());
    let error = pull(&store, &of(&server, "acme/image:1")).await.unwrap_err();
    assert!(matches!(error, RegistryError::Manifest { .. }), "{error}");
    let error = Error::from(error);
    assert!(error.message.contains(layer_type) && error.help.unwrap().contains("container images"));

    server.put("acme/module", "1", "application/wasm", module, digest.as_str());
    let error = pull(&store, &of(&server, "acme/module:1")).await.unwrap_err();
    assert!(matches!(error, RegistryError::NotAComponent { .. }), "{error}");
    server.put("acme/text", "1", "application/wasm", b"hello", digest_of(b"hello").as_str());
    let error = pull(&store, &of(&server, "acme/text:1")).await.unwrap_err();
    assert!(matches!(error, RegistryError::NotAComponent { .. }), "{error}");
    assert_empty(&store);
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_nothing_behind() {
    let server = Server::start();
    let (_folder, store) = store();
    let large = large_component(LARGE_IN_BYTES, 2);
    push(&large, &of(&server, "large:1")).await.unwrap();
    let half = LARGE_IN_BYTES / 2;
    let port = wire(server.port, half, Then::Cut);
    let error = pull(&store, &reference(&format!("oci://127.0.0.1:{port}/large:1"))).await.unwrap_err();
    let RegistryError::CutOff { done_in_bytes, .. } = error else { panic!("{error}") };
    assert!((1..half as u64).contains(&done_in_bytes), "{done_in_bytes}");
    assert_empty(&store);
    pull(&store, &of(&server, "large:1")).await.unwrap();

    let other = large_component(LARGE_IN_BYTES, 4);
    // The second carries the answers to a few pieces of the upload.
    for carries_in_bytes in [0, 2 << 10] {
        let port = wire(server.port, carries_in_bytes, Then::Cut);
        let to = reference(&format!("oci://127.0.0.1:{port}/other:1"));
        let error = push(&other, &to).await.unwrap_err();
        let RegistryError::CutOff { done_in_bytes, .. } = error else { panic!("{error}") };
        assert_eq!(done_in_bytes > 0, carries_in_bytes > 0, "{done_in_bytes}");
        assert!(done_in_bytes < LARGE_IN_BYTES as u64);
        let error = pull(&store, &of(&server, "other:1")).await.unwrap_err();
        assert!(
            matches!(error, RegistryError::NoSuchManifest { .. } | RegistryError::NoSuchRepository { .. }),
            "nobody sees half a push: {error}"
        );
    }
    push(&other, &of(&server, "other:1")).await.unwrap();
}

#[tokio::test]
async fn a_transfer_can_be_cancelled_midway_and_before_it_begins() {
    let server = Server::start();
    let (_folder, store) = store();
    let large = large_component(LARGE_IN_BYTES, 3);
    push(&large, &of(&server, "large:1")).await.unwrap();
    let port = wire(server.port, 2 << 20, Then::Stall);
    let from = reference(&format!("oci://127.0.0.1:{port}/large:1"));
    let cancel = CancellationToken::new();
    let stop_midway = |progress: Progress| {
        if progress.done_in_bytes > 1 << 20 {
            cancel.cancel();
        }
    };
    let access = Access::default();
    let pulling = registry::pull(&store, &from, &access, &cancel, &stop_midway);
    let result = tokio::time::timeout(Duration::from_secs(20), pulling).await.expect("it stops at once");
    assert!(matches!(result, Err(RegistryError::Cancelled { .. })), "{result:?}");
    assert_empty(&store);

    let error =
        registry::push(&large, &from, &Annotations::new(), &Access::default(), &cancel, &|_| ()).await;
    assert!(matches!(error, Err(RegistryError::Cancelled { .. })), "{error:?}");
}

#[tokio::test]
async fn who_may_not_is_told_what_to_do() {
    let server = Server::start_with_users();
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    let to = of(&server, "square:1");
    let access = |username: &str, password: &str| Access {
        credentials: Credentials::Password { username: username.into(), password: password.into() },
        ..Access::default()
    };

    let error = Error::from(push(&square, &to).await.unwrap_err());
    assert_eq!(error.kind, ErrorKind::Registry);
    assert!(error.help.unwrap().contains("docker login"), "anonymous");
    let error = push_as(&square, &to, &access(USER, "wrong")).await.unwrap_err();
    assert!(matches!(error, RegistryError::Unauthorized { with_credentials: true, .. }), "{error}");

    push_as(&square, &to, &access(USER, PASSWORD)).await.unwrap();
    let error = pull(&store, &to).await.unwrap_err();
    assert!(matches!(error, RegistryError::Unauthorized { with_credentials: false, .. }), "{error}");
    assert_empty(&store);

    let config = store.root().join("config.json");
    // `ada:correct horse`
    let auths = format!(r#"{{"auths": {{"{}": {{"auth": "YWRhOmNvcnJlY3QgaG9yc2U="}}}}}}"#, server.host());
    fs::write(&config, auths).unwrap();
    let credentials = Credentials::from_docker_config(&config, &server.host()).unwrap();
    let pulled = pull_as(&store, &to, &Access { credentials, ..Access::default() }).await.unwrap();
    assert_eq!(pulled.component.bytes(), square.bytes());
}

#[tokio::test]
async fn a_component_that_is_too_large_is_not_even_begun() {
    let server = Server::start();
    let (_folder, store) = store();
    let from = of(&server, "square:1");
    push(&component("math:ops/square@1.0.0"), &from).await.unwrap();
    let access = Access { max_size_in_bytes: Some(10), ..Access::default() };
    let error = pull_as(&store, &from, &access).await.unwrap_err();
    assert!(matches!(error, RegistryError::TooLarge { max_in_bytes: 10, .. }), "{error}");
    assert_empty(&store);
}

#[tokio::test]
async fn a_tag_that_moves_takes_its_alias_along_and_a_damaged_store_heals() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path()).unwrap();
    let (old, new) = (component("math:ops/square@1.0.0"), component("math:ops/square@1.1.0"));
    let from = of(&server, "square:latest");
    push(&old, &from).await.unwrap();
    pull(library.store(), &from).await.unwrap();
    library.store().set_alias("square", AliasTarget::Reference(from.to_string()), None).unwrap();
    push(&new, &from).await.unwrap();
    assert_eq!(library.resolve("square").unwrap().bytes(), old.bytes(), "not before it is pulled");
    pull(library.store(), &from).await.unwrap();
    assert_eq!(library.resolve("square").unwrap().bytes(), new.bytes());
    let unused = library.store().unused().unwrap();
    assert_eq!(unused.iter().map(|unused| &unused.digest).collect::<Vec<_>>(), [&old.info().digest]);

    let hex = new.info().digest.as_str().strip_prefix("sha256:").unwrap();
    fs::write(folder.path().join("blobs/sha256").join(hex), "changed").unwrap();
    let pulled = pull(library.store(), &from).await.unwrap();
    assert_eq!(pulled.transferred_in_bytes, new.info().size_in_bytes);
    assert_eq!(library.resolve("square").unwrap().bytes(), new.bytes());
}

#[tokio::test]
async fn what_was_pulled_opens_when_the_registry_is_gone() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let square = component("math:ops/square@1.0.0");
    let from = of(&server, "acme/square:1.0");
    let pushed = push(&square, &from).await.unwrap();
    let library = Library::open(folder.path()).unwrap();
    let cancel = CancellationToken::new();
    library.pull(&from, &Access::default(), &cancel, &|_| ()).await.unwrap();
    drop((library, server));

    let library = Library::open(folder.path()).unwrap();
    for source in [from.to_string(), pushed.reference.to_string()] {
        assert_eq!(library.resolve(&source).unwrap().bytes(), square.bytes(), "{source}");
    }
    let other = from.with_tag("2.0").unwrap().to_string();
    assert!(matches!(library.resolve(&other), Err(ResolveError::NotPulled { .. })));
    let error = library.pull(&from, &Access::default(), &cancel, &|_| ()).await.unwrap_err();
    assert!(matches!(error, RegistryError::ConnectionRefused { .. }), "{error}");
    assert_eq!(library.resolve(&from.to_string()).unwrap().bytes(), square.bytes());
}

#[tokio::test]
async fn what_is_pulled_again_has_its_time_from_the_first_time() {
    let server = Server::start();
    let (_folder, store) = store();
    let from = of(&server, "acme/square:1.0");
    let key = from.to_string();
    let added_at = || store.index().unwrap().references[&key].added_at_millis;
    let square = component("math:ops/square@1.0.0");
    push(&square, &from).await.unwrap();
    pull(&store, &from).await.unwrap();
    let long_ago = |index: &mut Index| index.references.get_mut(&key).unwrap().added_at_millis = 5;
    store.name(&square.info().digest, long_ago).unwrap();
    pull(&store, &from).await.unwrap();
    assert_eq!(added_at(), 5);

    push(&component("math:ops/square@1.0.1"), &from).await.unwrap();
    pull(&store, &from).await.unwrap();
    assert!(added_at() > 5, "the tag means something else now");
}

#[tokio::test]
async fn hosts_that_are_not_there_are_told_apart() {
    let (_folder, store) = store();
    let refused = reference(&format!("oci://127.0.0.1:{}/a:1", free_port()));
    let error = pull(&store, &refused).await.unwrap_err();
    assert!(matches!(error, RegistryError::ConnectionRefused { .. }), "{error}");
    let nowhere = reference("oci://no-such-host.invalid/a:1");
    let error = pull(&store, &nowhere).await.unwrap_err();
    assert!(matches!(error, RegistryError::NoSuchHost { .. }), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn plain_http_leaves_this_machine_only_when_asked_for() {
    let server = Server::start();
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    push(&square, &of(&server, "square:1")).await.unwrap();
    // Not a loopback address by its looks, though it leads to this machine.
    let from = reference(&format!("oci://0.0.0.0:{}/square:1", server.port));
    let error = pull(&store, &from).await.unwrap_err();
    assert!(matches!(error, RegistryError::Tls { .. }), "{error}");
    let access = Access { plain_http: true, ..Access::default() };
    assert_eq!(pull_as(&store, &from, &access).await.unwrap().component.bytes(), square.bytes());
}
