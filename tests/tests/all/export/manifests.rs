//! Manifests for wasmCloud's Kubernetes operator, out and in.

use std::path::Path;

use jackfield_host::workload::{Source, Workload as Parsed, parse};
use jackfield_protocol::{
    ComponentName, ExportForm, Exported, Fate, Imported, NotCarried, Request, Response,
};
use jackfield_tests::files::{Workload, root, sample_component};
use proptest::prelude::*;

use super::{export, first};
use crate::compose::with_samples;
use crate::workbench::ask;

const NOTHING: &str = "(component)";

fn deployment(images: &[(&str, &str)]) -> ExportForm {
    let images = images.iter().map(|(name, image)| ((*name).into(), (*image).to_owned())).collect();
    ExportForm::Wasmcloud { images, host: None }
}

fn text(exported: &Exported) -> String {
    String::from_utf8_lossy(first(exported)).into_owned()
}

async fn import(text: &str) -> Imported {
    let request = Request::ImportWorkload { text: text.to_owned(), path: "d.yaml".to_owned() };
    match ask(&with_samples(), request).await {
        Response::ImportedWorkload(imported) => imported,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_as_the_operator_wants_it() -> anyhow::Result<()> {
    let workload = Workload::new(
        r#"name = "Objects"
namespace = "samples"
[components.front]
source = "./front.wasm"
instances = { policy = "pool", size = 4 }
env = { LOG = "1" }
permissions = { network = ["https://api.example.com"] }
[components.blobby]
source = "./blobby.wasm"
config = { on = "yes" }
permissions = { volumes = [{ name = "objects", at = "/objects", access = "write" }] }
[components.ticker]
source = "./ticker.wasm"
[components.job]
source = "./job.wasm"
instances = { policy = "reuse", max_calls = 100 }
[service]
component = "ticker"
[volumes]
objects = { temporary = true }
shared = { path = "/srv/shared" }
"#,
    )?;
    for (sample, name, file) in [
        ("blobby", "blobby-front", "front.wasm"),
        ("blobby", "blobby", "blobby.wasm"),
        ("cron", "ticker", "ticker.wasm"),
        ("cron", "job", "job.wasm"),
    ] {
        workload.add(file, sample_component(sample, name)?)?;
    }
    let images = ["front", "blobby", "ticker", "job"].map(|name| (name, format!("ghcr.io/acme/{name}:1.0")));
    let images: Vec<(&str, &str)> = images.iter().map(|(name, image)| (*name, image.as_str())).collect();
    let exported = export(&with_samples(), workload.folder(), deployment(&images)).await;
    assert_eq!(
        text(&exported),
        r#"apiVersion: runtime.wasmcloud.dev/v1alpha1
kind: WorkloadDeployment
metadata:
  name: objects
  annotations:
    jackfield/name: Objects
    jackfield/namespace: samples
    jackfield/service: ticker
spec:
  replicas: 1
  template:
    spec:
      hostInterfaces:
        - namespace: wasi
          package: http
          interfaces:
            - incoming-handler
          config:
            host: objects.localhost
      components:
        - name: front
          image: ghcr.io/acme/front:1.0
          poolSize: 4
          maxInvocations: 1
          localResources:
            environment:
              config:
                LOG: "1"
            allowedHosts:
              - https://api.example.com
        - name: blobby
          image: ghcr.io/acme/blobby:1.0
          localResources:
            volumeMounts:
              - name: objects
                mountPath: /objects
            config:
              "on": "yes"
        - name: job
          image: ghcr.io/acme/job:1.0
          poolSize: 1
          maxInvocations: 100
      service:
        image: ghcr.io/acme/ticker:1.0
        maxRestarts: 3
      volumes:
        - name: objects
          ephemeral: {}
        - name: shared
          hostPath:
            path: /srv/shared
"#
    );
    let about: Vec<&NotCarried> = exported.findings.iter().map(|finding| &finding.about).collect();
    let folder = NotCarried::HostFolder { volume: "shared".into(), path: "/srv/shared".into() };
    assert_eq!(about, [&folder]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_are_asked_for_in_one_version_and_the_other_is_told() {
    let images = [("older", "r.io/older:1"), ("newer", "r.io/newer:1"), ("cupboard", "r.io/cupboard:1")];
    let exported = export(&with_samples(), &root().join("samples/plugins"), deployment(&images)).await;
    let text = text(&exported);
    for (package, version) in [
        ("keyvalue", "0.2.0-draft2"),
        ("config", "0.2.0-rc.1"),
        ("blobstore", "0.2.0-draft"),
        ("logging", "0.1.0-draft"),
    ] {
        let expected = format!("          package: {package}\n          version: \"{version}\"\n");
        assert_eq!(text.matches(&format!("package: {package}\n")).count(), 1, "{text}");
        assert!(text.contains(&expected), "{expected}{text}");
    }
    let told: Vec<String> = exported.findings.iter().map(ToString::to_string).collect();
    for expected in ["the settings of the plugin `wasi:keyvalue`", "wasi:keyvalue/store@0.2.0-draft`"] {
        assert!(told.iter().any(|finding| finding.contains(expected)), "{expected}: {told:?}");
    }
}

/// A manifest as the operator's own samples have it, and with all that no workload file can say.
const RICH: &str = r#"# A comment.
apiVersion: v1
kind: Service
metadata: { name: hello }
---
apiVersion: runtime.wasmcloud.dev/v1alpha1
kind: WorkloadDeployment
metadata:
  name: hello
  namespace: default
  labels: { app: hello }
spec:
  replicas: 3
  deployPolicy: Recreate
  kubernetes:
    service:
      name: hello
  template:
    spec:
      hostSelector:
        hostgroup: default
      hostInterfaces:
        - namespace: wasi
          package: http
          interfaces: [incoming-handler]
          config:
            host: hello.localhost.direct
        - namespace: wasi
          package: blobstore
          version: 0.2.0-draft
          interfaces: [blobstore]
          config:
            buckets: default
      components:
        - name: hello-world
          image: ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0
          imagePullSecret: { name: ghcr }
          poolSize: 8
          maxInvocations: 100
          maxConcurrency: 4
          nonsense: true
          localResources:
            environment:
              config: { A: "1" }
              secretFrom: [{ name: s }]
            volumeMounts:
              - { name: data, mountPath: /data, readOnly: true }
            allowedHosts: ["example.com", "https://*.example.org/", "ftp://x"]
            allowedIpNameLookups: ["*"]
      service:
        image: ghcr.io/acme/ticker@sha256:0123
        maxRestarts: 0
      volumes:
        - name: data
          ephemeral: {}
status:
  currentReplicas: 3
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_workload_file_cannot_say_is_told_with_its_line() {
    let imported = import(RICH).await;
    assert_eq!(
        imported.text,
        r#"name = "hello"
namespace = "default"

[components.hello-world]
source = "oci://ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0"
env = { A = "1" }
instances = { policy = "reuse", max_calls = 100 }
permissions = { network = ["http://example.com", "https://example.com", "https://*.example.org"], volumes = [{ name = "data", at = "/data", access = "read" }] }

[components.ticker]
source = "oci://ghcr.io/acme/ticker@sha256:0123"

[service]
component = "ticker"
max_restarts = 0

[volumes]
data = { temporary = true }
"#
    );
    let component = "spec.template.spec.components[0]";
    let told: Vec<(String, u32, Fate)> =
        imported.findings.into_iter().map(|finding| (finding.key, finding.line, finding.fate)).collect();
    let expected = [
        ("kind", 2, Fate::NoCounterpart),
        ("metadata.labels", 11, Fate::NoCounterpart),
        ("spec.replicas", 13, Fate::NoCounterpart),
        ("spec.template.spec.hostInterfaces[0].config.host", 27, Fate::NoCounterpart),
        ("spec.template.spec.hostInterfaces[1].config", 33, Fate::NoCounterpart),
        (&format!("{component}.poolSize"), 38, Fate::Changed),
        (&format!("{component}.localResources.environment.secretFrom"), 45, Fate::NoCounterpart),
        (&format!("{component}.localResources.allowedHosts[0]"), 48, Fate::Changed),
        (&format!("{component}.localResources.allowedHosts[1]"), 48, Fate::Changed),
        (&format!("{component}.localResources.allowedHosts[2]"), 48, Fate::NoCounterpart),
        (&format!("{component}.localResources.allowedIpNameLookups"), 49, Fate::NoCounterpart),
        (&format!("{component}.imagePullSecret"), 37, Fate::NoCounterpart),
        (&format!("{component}.maxConcurrency"), 40, Fate::NoCounterpart),
        (&format!("{component}.nonsense"), 41, Fate::Unknown),
        ("spec.template.spec.hostSelector", 20, Fate::NoCounterpart),
        ("spec.deployPolicy", 14, Fate::NoCounterpart),
        ("spec.kubernetes", 15, Fate::NoCounterpart),
    ];
    let expected: Vec<(String, u32, Fate)> =
        expected.iter().map(|(key, line, fate)| ((*key).to_owned(), *line, *fate)).collect();
    assert_eq!(told, expected);
}

/// A manifest in a list, with what would be lost easily.
const LISTED: &str = r#"apiVersion: v1
kind: List
items:
  - kind: Service
  - apiVersion: runtime.wasmcloud.dev/v1alpha1
    kind: WorkloadDeployment
    metadata: { name: Hello }
    spec:
      template:
        spec:
          hostInterfaces:
            - namespace: wasi
              package: http
              config: { host: hello.localhost }
          components:
            - name: a
              image: nginx
              poolSize: 0
              maxInvocations: 5
            - name: b
              image: acme/square:1.0
            - name: c
              image: localhost/square
            - name: d
              image: samples/square:0.1.0
"#;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_manifest_in_a_list_is_lost_untold() {
    let imported = import(LISTED).await;
    for source in
        ["docker.io/library/nginx", "docker.io/acme/square:1.0", "localhost/square", "samples/square:0.1.0"]
    {
        assert!(imported.text.contains(&format!("source = \"oci://{source}\"\n")), "{}", imported.text);
    }
    let told: Vec<(&str, u32, Fate)> = imported
        .findings
        .iter()
        .map(|finding| (finding.key.rsplit('.').next().unwrap_or_default(), finding.line, finding.fate))
        .collect();
    let expected = [
        ("kind", 4, Fate::NoCounterpart),
        ("maxInvocations", 19, Fate::NoCounterpart),
        ("image", 17, Fate::Changed),
        ("image", 21, Fate::Changed),
    ];
    assert_eq!(told, expected, "and not the host that an export would give by itself");
}

/// A component that imports and exports instances with a function, or functions alone.
fn linked(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let is_function = |name: &str| !name.contains(':');
    let mut text = String::from(
        "(component (core module $m (func (export \"f\"))) (core instance $c (instantiate $m)) \
         (func $f (canon lift (core func $c \"f\"))) (instance $i (export \"f\" (func $f)))",
    );
    for name in imports {
        text += &match is_function(name) {
            true => format!("(import \"{name}\" (func))"),
            false => format!("(import \"{name}\" (instance (export \"f\" (func))))"),
        };
    }
    for name in exports {
        let what = if is_function(name) { "(func $f)" } else { "(instance $i)" };
        text += &format!("(export \"{name}\" {what})");
    }
    wat::parse_str(text + ")").expect("a component")
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_names_alone_do_not_make_are_told() -> anyhow::Result<()> {
    let mut text = String::from("name = \"links\"\n");
    let components = [
        ("user", linked(&["t:chain/x", "t:old/y@1.0.0", "g", "t:plain/z"], &[])),
        ("middle", linked(&["t:chain/x"], &["t:chain/x"])),
        ("last", linked(&[], &["t:chain/x", "t:old/y@1.0.1", "g", "t:plain/z"])),
    ];
    for (name, _) in &components {
        text += &format!("[components.{name}]\nsource = \"./{name}.wasm\"\n");
    }
    for (from, import, to) in
        [("user", "t:chain/x", "middle"), ("middle", "t:chain/x", "last"), ("user", "t:plain/z", "last")]
    {
        text += &format!("[[links]]\nfrom = \"{from}\"\nimport = \"{import}\"\nto = \"{to}\"\n");
    }
    let workload = Workload::new(&text)?;
    for (name, bytes) in components {
        workload.add(&format!("{name}.wasm"), bytes)?;
    }
    let images = [("user", "r.io/user:1"), ("middle", "r.io/middle:1"), ("last", "r.io/last:1")];
    let exported = export(&with_samples(), workload.folder(), deployment(&images)).await;
    let mut told: Vec<(String, String)> = exported
        .findings
        .iter()
        .map(|finding| (finding.to_string(), finding.help.clone().unwrap_or_default()))
        .collect();
    told.sort();
    let expected = [
        ("the [[links]] row for `t:plain/z` of `user`", "see that one component exports it"),
        ("the link of `g` of `user` to `last`", "wasmCloud links interfaces alone"),
        ("the link of `t:chain/x` of `middle` to `last`", "`middle`, `last` export it"),
        ("the link of `t:chain/x` of `user` to `middle`", "`middle`, `last` export it"),
        ("the link of `t:old/y@1.0.0` of `user` to `last`", "`last` exports `t:old/y@1.0.1`"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((about, help), (expected, part)) in told.iter().zip(expected) {
        assert!(about == expected && help.contains(part), "{about}: {help}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_told_at_once() {
    let manifest = "kind: WorkloadDeployment\napiVersion: core.oam.dev/v1beta1\nmetadata: { name: w }\nspec:\n  \
        template:\n    spec:\n      components:\n        - name: \"a b\"\n          image: artifact://x\n        - \
        name: 1\n      volumes: { a: b }\n";
    let request = Request::ImportWorkload { text: manifest.to_owned(), path: "d.yaml".to_owned() };
    let error = with_samples().dispatch(request).await.expect_err("problems");
    let places: Vec<_> = error.problems.iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(
        places,
        [(2, 13), (11, 16), (8, 17), (9, 18), (10, 17), (10, 11)]
            .map(|(line, column)| (Some(line), Some(column))),
        "{error}"
    );
}

/// A workload that a manifest has counterparts for all of, with local files that images stand for.
fn workloads() -> impl Strategy<Value = String> {
    let key = "[A-Za-z_][A-Za-z0-9_.-]{0,8}";
    let texts = || {
        prop::collection::btree_map(key, any::<String>().prop_filter("zero", |it| !it.contains('\0')), 0..3)
    };
    let instances = prop_oneof![
        Just(String::new()),
        (1_u32..=64).prop_map(|size| format!("instances = {{ policy = \"pool\", size = {size} }}\n")),
        (2_u32..)
            .prop_map(|calls| calls.min(0x7FFF_FFFF))
            .prop_map(|calls| format!("instances = {{ policy = \"reuse\", max_calls = {calls} }}\n")),
    ];
    let origin = prop_oneof![
        "https?://[a-z]{1,8}\\.example\\.com",
        "https?://[a-z]{1,8}:[1-9][0-9]{1,3}",
        "https?://\\*\\.[a-z]{1,8}\\.com:[1-9][0-9]{1,3}",
    ];
    let network = prop::collection::vec(origin, 0..3);
    let grants = prop::collection::btree_map("/[a-z ü]{1,6}", ("[a-c]", any::<bool>()), 0..3);
    let component = (texts(), texts(), instances, network, grants);
    let components = prop::collection::btree_map("[a-z][a-z0-9]{0,6}", component, 1..4);
    let volumes = ["a", "b", "c"].map(|_| prop::option::of("/[a-z ]{1,8}"));
    let name = || "[A-Za-z0-9ü._ -]{0,80}[a-z]";
    let namespace = prop::option::of(name());
    let service = prop::option::of((any::<prop::sample::Index>(), 0_u32..1000));
    (name(), namespace, components, volumes, service).prop_map(
        |(name, namespace, components, volumes, service)| {
            let quoted = |text: &str| serde_json::to_string(text).expect("JSON").replace('\u{7f}', "\\u007f");
            let mut toml = format!("name = {}\n", quoted(&name));
            if let Some(namespace) = namespace {
                toml.push_str(&format!("namespace = {}\n", quoted(&namespace)));
            }
            let service = service.map(|(index, restarts)| (index.index(components.len()), restarts));
            for (position, (name, (env, config, instances, network, grants))) in components.iter().enumerate()
            {
                toml.push_str(&format!("[components.{name}]\nsource = \"./{name}.wasm\"\n"));
                // A service has no policy there.
                if service.is_none_or(|(index, _)| index != position) {
                    toml.push_str(instances);
                }
                for (table, entries) in [("env", env), ("config", config)] {
                    let entries: Vec<String> = entries
                        .iter()
                        .map(|(key, value)| format!("{} = {}", quoted(key), quoted(value)))
                        .collect();
                    toml.push_str(&format!("{table} = {{ {} }}\n", entries.join(", ")));
                }
                let network: Vec<String> = network.iter().map(|origin| quoted(origin)).collect();
                let grant = |(at, (name, write)): (&String, &(String, bool))| {
                    let access = if *write { "write" } else { "read" };
                    format!("{{ name = \"{name}\", at = {}, access = \"{access}\" }}", quoted(at))
                };
                let grants: Vec<String> = grants.iter().map(grant).collect();
                toml.push_str(&format!(
                    "permissions = {{ network = [{}], volumes = [{}] }}\n",
                    network.join(", "),
                    grants.join(", ")
                ));
            }
            if let Some((index, restarts)) = service {
                let name = components.keys().nth(index).cloned().unwrap_or_default();
                toml.push_str(&format!("[service]\ncomponent = \"{name}\"\nmax_restarts = {restarts}\n"));
            }
            toml.push_str("[volumes]\n");
            for (name, path) in ["a", "b", "c"].into_iter().zip(volumes) {
                let kind =
                    path.map_or("temporary = true".to_owned(), |path| format!("path = {}", quoted(&path)));
                toml.push_str(&format!("{name} = {{ {kind} }}\n"));
            }
            toml
        },
    )
}

/// What is said, whatever the place that it is said at and the file that an image stands for.
fn comparable(text: &str) -> Parsed {
    let mut parsed =
        parse(text, Path::new("/w/workload.toml")).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    for (name, spec) in &mut parsed.components {
        spec.source = Source::Oci(image(name));
        spec.source_text = String::new();
        spec.source_place = None;
    }
    parsed
}

fn image(name: &ComponentName) -> String {
    format!("registry.example.com/acme/{name}:1.0")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_leaves_comes_back_the_same(toml in workloads()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let before = comparable(&toml);
        let workload = Workload::new(&toml).expect("a folder");
        // A service must be a command; of the others, nothing counts but their names.
        let nothing = wat::parse_str(NOTHING).expect("a component");
        for name in before.components.keys() {
            let is_service = before.service.as_ref().is_some_and(|service| service.component == *name);
            let bytes = if is_service { command() } else { nothing.clone() };
            workload.add(&format!("{name}.wasm"), bytes).expect("a file");
        }
        let images = before.components.keys().map(|name| (name.clone(), image(name))).collect();
        let form = ExportForm::Wasmcloud { images, host: None };
        let exported = runtime.block_on(async { export(&with_samples(), workload.folder(), form).await });
        let manifest = text(&exported);
        let imported = runtime.block_on(import(&manifest));
        prop_assert_eq!(&imported.findings, &vec![], "{}", manifest);
        prop_assert_eq!(comparable(&imported.text), before, "{}", manifest);
    }
}

/// A component that exports `wasi:cli/run`.
fn command() -> Vec<u8> {
    let text = r#"(component
        (core module $m (func (export "run") (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func $run (result (result)) (canon lift (core func $i "run")))
        (instance $e (export "run" (func $run)))
        (export "wasi:cli/run@0.2.6" (instance $e)))"#;
    wat::parse_str(text).expect("a component")
}
