//! How a component is wrapped for a registry: manifest, config, one layer.
//!
//! Written as the CNCF's "Wasm OCI Artifact layout" says, which is also what the crate `oci-wasm` writes and
//! what `wkg` and the runtimes read. That crate is not used here: it takes a component apart with
//! `wit_parser::decode`, which panics on components that are valid but that WIT cannot write down, it
//! stamps the time of the day, and it brings an older OCI client and WIT parser along. The tests let it
//! read what is written here.

use std::collections::BTreeMap;

use jackfield_component::Component;
use jackfield_protocol::{ComponentInfo, Digest};
use serde::{Deserialize, Serialize};

use crate::digest;

/// Annotations of a manifest that the library reads and writes; the image specification defines them.
pub mod annotation {
    /// A name for people.
    pub const TITLE: &str = "org.opencontainers.image.title";
    /// What it is, in a sentence.
    pub const DESCRIPTION: &str = "org.opencontainers.image.description";
    /// The version of what is packed.
    pub const VERSION: &str = "org.opencontainers.image.version";
    /// In an image layout's index: the name and tag of a manifest.
    pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
}

/// Text about an artifact, by keys in reverse domain notation.
pub type Annotations = BTreeMap<String, String>;

pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
#[cfg(feature = "registry")]
const DOCKER_MANIFEST_TYPE: &str = "application/vnd.docker.distribution.manifest.v2+json";
#[cfg(feature = "registry")]
const DOCKER_INDEX_TYPE: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
const LAYER_TYPE: &str = "application/wasm";
/// What layers of components were called before that layout was agreed on.
const FORMER_LAYER_TYPES: [&str; 3] = [
    "application/vnd.wasm.content.layer.v1+wasm",
    "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm",
    "application/vnd.module.wasm.content.layer.v1+wasm",
];
/// The present and former types of the config; the last is of `wasm-to-oci`.
const CONFIG_TYPES: [&str; 4] = [
    CONFIG_TYPE,
    "application/vnd.wasm.config.v1+json",
    "application/vnd.bytecodealliance.component.v1+json",
    "application/vnd.wasm.component.config.v1+json",
];

#[cfg(feature = "registry")]
/// What a client says that it takes, when it asks for a manifest.
pub(crate) const ACCEPTED: [&str; 4] = [MANIFEST_TYPE, INDEX_TYPE, DOCKER_MANIFEST_TYPE, DOCKER_INDEX_TYPE];

/// A size to which manifests are read from files; the distribution specification's limit for registries.
pub(crate) const MAX_MANIFEST_IN_BYTES: u64 = 4 << 20;

/// Points to content by type, digest and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_is_empty")]
    pub(crate) annotations: Annotations,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<Platform>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Platform {
    pub(crate) architecture: String,
    pub(crate) os: String,
    /// Whatever else narrows the platform down.
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_is_empty")]
    annotations: Annotations,
}

/// The config of a component, by the CNCF's layout.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    created: &'a str,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [&'a Digest; 1],
    component: World<'a>,
}

#[derive(Serialize)]
struct World<'a> {
    exports: Vec<&'a str>,
    imports: Vec<&'a str>,
    target: Option<&'a str>,
}

/// Why a manifest is not one of a component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// It is no manifest at all.
    #[error("the manifest cannot be understood ({0})")]
    Malformed(String),
    /// Its layer is something else, such as a container's file system.
    #[error("an artifact of type `{media_type}`, not a WebAssembly component")]
    NotWasm {
        /// What it is instead.
        media_type: String,
    },
    /// A component is one file.
    #[error("an artifact with {layers} layers, where a component has exactly one")]
    Layers {
        /// How many there are.
        layers: usize,
    },
    /// A digest that cannot be checked.
    #[error("a digest that is not SHA-256: `{0}`")]
    Digest(String),
}

/// What to do with a manifest that was fetched.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is a component's.
    Component(Layer),
    /// It lists others, of which this one is for WebAssembly.
    Elsewhere(Digest),
}

/// The one layer of a component's manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) digest: Digest,
    pub(crate) size_in_bytes: u64,
    pub(crate) annotations: Annotations,
}

/// Reads a manifest.
pub(crate) fn read(bytes: &[u8]) -> Result<Found, ManifestProblem> {
    let malformed = |error: serde_json::Error| ManifestProblem::Malformed(error.to_string());
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(malformed)?;
    if value.get("manifests").is_some() {
        return read_list(&serde_json::from_value(value).map_err(malformed)?).map(Found::Elsewhere);
    }
    let manifest: Manifest = serde_json::from_value(value).map_err(malformed)?;
    if manifest.schema_version != 2 {
        return Err(ManifestProblem::Malformed(format!("schema version {}", manifest.schema_version)));
    }
    let [layer] = manifest.layers.as_slice() else {
        return Err(refuse_layers(&manifest));
    };
    if !is_wasm(layer, &manifest) {
        return Err(ManifestProblem::NotWasm { media_type: layer.media_type.clone() });
    }
    let digest = digest::parse(&layer.digest).ok_or_else(|| ManifestProblem::Digest(layer.digest.clone()))?;
    Ok(Found::Component(Layer { digest, size_in_bytes: layer.size, annotations: manifest.annotations }))
}

/// Several layers of a container image mean a container image, not a component with too many layers.
fn refuse_layers(manifest: &Manifest) -> ManifestProblem {
    match manifest.layers.iter().find(|layer| is_wasm(layer, manifest)) {
        Some(_) => ManifestProblem::Layers { layers: manifest.layers.len() },
        None => ManifestProblem::NotWasm {
            media_type: manifest.artifact_type.clone().unwrap_or_else(|| manifest.config.media_type.clone()),
        },
    }
}

fn is_wasm(layer: &Descriptor, manifest: &Manifest) -> bool {
    let is_layer = |media_type: &str| media_type == LAYER_TYPE || FORMER_LAYER_TYPES.contains(&media_type);
    let says_so = || {
        let artifact_type = manifest.artifact_type.as_deref().unwrap_or(&manifest.config.media_type);
        CONFIG_TYPES.contains(&artifact_type) || is_layer(artifact_type)
    };
    is_layer(&layer.media_type) || (layer.media_type == "application/octet-stream" && says_so())
}

#[derive(Deserialize)]
struct List {
    manifests: Vec<Descriptor>,
}

/// A list of one needs no platform; in others the platform must be WebAssembly's.
fn read_list(list: &List) -> Result<Digest, ManifestProblem> {
    let is_wasm = |entry: &&Descriptor| {
        entry.platform.as_ref().is_some_and(|platform| platform.architecture == "wasm")
            || entry.artifact_type.as_deref().is_some_and(|found| CONFIG_TYPES.contains(&found))
    };
    let only = if let [only] = list.manifests.as_slice() { Some(only) } else { None };
    let entry = list.manifests.iter().find(is_wasm).or(only).ok_or_else(|| ManifestProblem::NotWasm {
        media_type: format!("{INDEX_TYPE}` without an entry for the architecture `wasm"),
    })?;
    digest::parse(&entry.digest).ok_or_else(|| ManifestProblem::Digest(entry.digest.clone()))
}

/// A component's manifest and config, ready to be stored or sent.
pub(crate) struct Packed {
    pub(crate) config: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
}

/// Wraps a component. The same component and annotations always give the same bytes.
pub(crate) fn pack(component: &Component, annotations: &Annotations) -> serde_json::Result<Packed> {
    let info = component.info();
    let config = serde_json::to_vec(&config(info))?;
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(MANIFEST_TYPE.to_owned()),
        artifact_type: None,
        config: Descriptor::new(CONFIG_TYPE, &digest::of(&config), config.len() as u64),
        layers: vec![Descriptor::new(LAYER_TYPE, &info.digest, info.size_in_bytes)],
        annotations: annotations.clone(),
    };
    Ok(Packed { manifest: serde_json::to_vec(&manifest)?, config })
}

fn config(info: &ComponentInfo) -> Config<'_> {
    Config {
        // Required, but the time of packing would give every packing another digest.
        created: "1970-01-01T00:00:00Z",
        architecture: "wasm",
        os: "wasip2",
        layer_digests: [&info.digest],
        component: World {
            exports: info.exports().map(|port| port.name.as_str()).collect(),
            imports: info.imports().map(|port| port.name.as_str()).collect(),
            target: None,
        },
    }
}

impl Descriptor {
    pub(crate) fn new(media_type: &str, digest: &Digest, size_in_bytes: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: digest.to_string(),
            size: size_in_bytes,
            artifact_type: None,
            annotations: Annotations::new(),
            platform: None,
        }
    }
}

/// Some tools write `null` where the specification has an absent map.
fn null_is_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Annotations, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn layer(media_type: &str) -> serde_json::Value {
        json!({"mediaType": media_type, "digest": digest::of(b"layer"), "size": 5})
    }

    fn manifest(config_type: &str, layers: &[serde_json::Value]) -> Vec<u8> {
        let config = json!({"mediaType": config_type, "digest": digest::of(b"{}"), "size": 2});
        json!({"schemaVersion": 2, "config": config, "layers": layers, "annotations": null})
            .to_string()
            .into()
    }

    #[test]
    fn present_and_former_artifacts_are_components() {
        let octets = "application/octet-stream";
        for (config, layer_type) in [
            (CONFIG_TYPE, LAYER_TYPE),
            ("application/vnd.wasm.config.v1+json", "application/vnd.wasm.content.layer.v1+wasm"),
            ("application/vnd.oci.image.config.v1+json", LAYER_TYPE),
            (CONFIG_TYPE, octets),
        ] {
            let found = read(&manifest(config, &[layer(layer_type)]));
            assert!(
                matches!(found, Ok(Found::Component(Layer { size_in_bytes: 5, .. }))),
                "{layer_type}: {found:?}"
            );
        }
        let found = read(&manifest("application/vnd.oci.empty.v1+json", &[layer(octets)]));
        assert_eq!(found, Err(ManifestProblem::NotWasm { media_type: octets.into() }));
    }

    #[test]
    fn container_images_and_several_layers_are_refused() {
        let tar = "application/vnd.oci.image.layer.v1.tar+gzip";
        let image = manifest("application/vnd.oci.image.config.v1+json", &[layer(tar), layer(tar)]);
        assert!(matches!(read(&image), Err(ManifestProblem::NotWasm { .. })));
        let several = manifest(CONFIG_TYPE, &[layer(LAYER_TYPE), layer(LAYER_TYPE)]);
        assert_eq!(read(&several), Err(ManifestProblem::Layers { layers: 2 }));
        assert!(matches!(read(b"<html>"), Err(ManifestProblem::Malformed(_))));
    }

    #[test]
    fn a_list_leads_to_its_wasm_entry() {
        let entry = |arch: &str, content: &[u8]| {
            json!({"mediaType": MANIFEST_TYPE, "digest": digest::of(content), "size": 1,
                   "platform": {"architecture": arch, "os": "any", "variant": "v8"}})
        };
        let list = json!({"schemaVersion": 2, "manifests": [entry("arm64", b"a"), entry("wasm", b"w")]});
        assert_eq!(read(list.to_string().as_bytes()), Ok(Found::Elsewhere(digest::of(b"w"))));
        let list = json!({"schemaVersion": 2, "manifests": [entry("arm64", b"a"), entry("amd64", b"b")]});
        assert!(matches!(read(list.to_string().as_bytes()), Err(ManifestProblem::NotWasm { .. })));
    }

    #[test]
    fn packing_twice_gives_the_same_bytes() {
        let component = jackfield_component::read_bytes(wat::parse_str("(component)").unwrap()).unwrap();
        let annotations = Annotations::from([(annotation::TITLE.to_owned(), "empty".to_owned())]);
        let [one, two] = [(); 2].map(|()| pack(&component, &annotations).unwrap());
        assert_eq!((&one.manifest, &one.config), (&two.manifest, &two.config));
        let Ok(Found::Component(layer)) = read(&one.manifest) else { panic!("not a component") };
        assert_eq!((layer.digest, layer.annotations), (component.info().digest.clone(), annotations));
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_cut_manifest_make_it_panic(bytes: Vec<u8>, cut in 0_usize..400) {
            let _ = read(&bytes);
            let whole = manifest(CONFIG_TYPE, &[layer(LAYER_TYPE)]);
            let part = whole.get(..cut).unwrap_or(&whole);
            prop_assert_eq!(read(part).is_ok(), part.len() == whole.len());
        }
    }
}
