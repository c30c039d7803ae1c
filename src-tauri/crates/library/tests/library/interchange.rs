//! What others write is read here, and what is written here is read by others: the crate `oci-wasm`, by
//! way of a real registry, and folders in the form of an image layout.

use std::fs;

use jackfield_component::Component;
use jackfield_library::{Annotations, Layout, annotation};
use oci_wasm::{WASM_LAYER_MEDIA_TYPE, WasmClient, WasmConfig};
use peer_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use peer_client::secrets::RegistryAuth;
use peer_client::{Client, Reference};

use crate::server::Server;
use crate::support::{component, pull, push, reference, store};

fn peer() -> Client {
    // As the library does; the peer shares its TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() })
}

fn target(server: &Server, repository: &str) -> Reference {
    Reference::with_tag(server.host(), repository.to_owned(), "1".to_owned())
}

#[tokio::test]
async fn what_is_pushed_is_read_by_oci_wasm() {
    let server = Server::start();
    let square = component("math:ops/square@1.0.0");
    push(&square, &reference(&format!("oci://{}/square:1", server.host()))).await.unwrap();
    let client = WasmClient::new(peer());
    let target = target(&server, "square");
    let image = client.pull(&target, &RegistryAuth::Anonymous).await.unwrap();
    assert_eq!(image.layers[0].data, square.bytes());
    let (_, config, _) = client.pull_manifest_and_config(&target, &RegistryAuth::Anonymous).await.unwrap();
    assert_eq!(config.layer_digests, [square.info().digest.as_str()]);
    let world = config.component.unwrap();
    assert_eq!((world.exports, world.imports), (vec!["math:ops/square@1.0.0".to_owned()], vec![]));
}

#[tokio::test]
async fn what_oci_wasm_pushes_is_pulled() {
    let server = Server::start();
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    let (config, layer) = WasmConfig::from_raw_component(square.bytes().to_vec(), None).unwrap();
    let client = WasmClient::new(peer());
    let target = target(&server, "square");
    client.push(&target, &RegistryAuth::Anonymous, layer, config, None).await.unwrap();
    let pulled = pull(&store, &reference(&format!("oci://{}/square:1", server.host()))).await.unwrap();
    assert_eq!(pulled.component.bytes(), square.bytes());
}

#[tokio::test]
async fn former_artifacts_are_pulled_and_container_images_are_not() {
    let server = Server::start();
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    let push = async |repository: &str, config_type: &str, layer_types: &[&str]| {
        let config = Config::new(b"{}".to_vec(), config_type.to_owned(), None);
        let layer = |kind: &&str| ImageLayer::new(square.bytes().to_vec(), (*kind).to_owned(), None);
        let layers: Vec<_> = layer_types.iter().map(layer).collect();
        let target = target(&server, repository);
        peer().push(&target, &layers, config, &RegistryAuth::Anonymous, None).await.unwrap();
        pull(&store, &reference(&format!("oci://{}/{repository}:1", server.host()))).await
    };
    let former = ["application/vnd.wasm.content.layer.v1+wasm"];
    let pulled = push("former", "application/vnd.wasm.config.v1+json", &former).await.unwrap();
    assert_eq!(pulled.component.bytes(), square.bytes());
    let image = ["application/vnd.oci.image.layer.v1.tar"];
    let error = push("image", "application/vnd.oci.image.config.v1+json", &image).await.unwrap_err();
    assert!(error.to_string().contains("not a WebAssembly component"), "{error}");
    let several = [WASM_LAYER_MEDIA_TYPE, WASM_LAYER_MEDIA_TYPE];
    let error = push("several", "application/vnd.wasm.config.v0+json", &several).await.unwrap_err();
    assert!(error.to_string().contains("2 layers"), "{error}");
}

fn layout_of(folder: &std::path::Path, components: &[(&str, &Component)]) -> Layout {
    let layout = Layout::create(folder).unwrap();
    for (name, component) in components {
        let annotations = Annotations::from([(annotation::TITLE.to_owned(), (*name).to_owned())]);
        layout.add(component, name, "1", &annotations).unwrap();
    }
    layout
}

#[tokio::test]
async fn a_layout_copied_into_a_registry_file_by_file_is_pulled() {
    let server = Server::start();
    let (_folder, store) = store();
    let folder = tempfile::tempdir().unwrap();
    let square = component("math:ops/square@1.0.0");
    let layout = layout_of(folder.path(), &[("square", &square)]);
    let entry = layout.by_tag("square", "1").unwrap();

    let (client, target) = (peer(), target(&server, "square"));
    let blobs = folder.path().join("blobs/sha256");
    for blob in fs::read_dir(&blobs).unwrap() {
        let blob = blob.unwrap();
        let digest = format!("sha256:{}", blob.file_name().to_str().unwrap());
        client.push_blob(&target, fs::read(blob.path()).unwrap(), &digest).await.unwrap();
    }
    let hex = entry.manifest.as_str().strip_prefix("sha256:").unwrap();
    let manifest = fs::read(blobs.join(hex)).unwrap();
    let content_type = "application/vnd.oci.image.manifest.v1+json".parse().unwrap();
    client.push_manifest_raw(&target, manifest, content_type).await.unwrap();

    let pulled = pull(&store, &reference(&format!("oci://{}/square:1", server.host()))).await.unwrap();
    assert_eq!(pulled.component.bytes(), square.bytes());
    assert_eq!((pulled.record.manifest, pulled.record.digest), (entry.manifest.clone(), entry.digest));

    // Pushed by the library itself, it is the same artifact to the byte.
    let again = reference(&format!("oci://{}/again:1", server.host()));
    let cancel = tokio_util::sync::CancellationToken::new();
    let annotations = Annotations::from([(annotation::TITLE.to_owned(), "square".to_owned())]);
    let access = jackfield_library::Access::default();
    let pushed = jackfield_library::registry::push(&square, &again, &annotations, &access, &cancel, &|_| ());
    assert_eq!(pushed.await.unwrap().manifest, entry.manifest);
}

#[test]
fn layouts_do_not_show_the_order_in_which_they_were_written() {
    let (square, log) = (component("math:ops/square@1.0.0"), component("acme:log/log@1.0.0"));
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    layout_of(one.path(), &[("log", &log), ("a/square", &square)]);
    let layout = layout_of(two.path(), &[("a/square", &log), ("a/square", &square), ("log", &log)]);
    let read = |folder: &tempfile::TempDir| fs::read_to_string(folder.path().join("index.json")).unwrap();
    assert_eq!(read(&one), read(&two));

    let entries: Vec<_> = layout.list().unwrap().into_iter().map(Result::unwrap).collect();
    let names: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.tag.as_str())).collect();
    assert_eq!(names, [("a/square", "1"), ("log", "1")]);
    assert_eq!(entries[0].annotations[annotation::TITLE], "a/square");
    assert_eq!(layout.read(&entries[0].digest).unwrap().bytes(), square.bytes());
    assert_eq!(layout.by_digest(&entries[1].manifest).unwrap(), entries[1]);
}

#[test]
fn what_is_wrong_in_a_layout_is_named_and_hides_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Layout::open(folder.path()).unwrap_err().to_string().contains("not an OCI image layout"));
    let (square, log) = (component("math:ops/square@1.0.0"), component("acme:log/log@1.0.0"));
    let layout = layout_of(folder.path(), &[("log", &log), ("square", &square)]);
    let entry = layout.by_tag("square", "1").unwrap();
    let path =
        |digest: &str| folder.path().join("blobs/sha256").join(digest.strip_prefix("sha256:").unwrap());

    fs::write(path(entry.digest.as_str()), "other bytes").unwrap();
    let error = layout.read(&entry.digest).unwrap_err().to_string();
    assert!(error.contains("the bytes are not those of"), "{error}");
    fs::remove_file(path(entry.manifest.as_str())).unwrap();
    let listed = layout.list().unwrap();
    assert_eq!((listed.len(), listed.iter().flatten().count()), (2, 1));

    layout.add(&square, "square", "1", &Annotations::new()).unwrap();
    assert_eq!(layout.read(&entry.digest).unwrap().bytes(), square.bytes(), "written again, it is healed");
    for (name, tag) in [("Square", "1"), ("../square", "1"), ("square", ""), ("a:b", "1")] {
        assert!(layout.add(&square, name, tag, &Annotations::new()).is_err(), "{name}:{tag}");
    }
}
