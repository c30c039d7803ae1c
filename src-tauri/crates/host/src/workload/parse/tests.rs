use std::time::Duration;

use super::super::{Access, InstancePolicy, LinkEnd, Setting, Source, VolumeSpec};
use super::*;

/// The example of the design, and what the whole format can say.
const WHOLE: &str = r#"
name = "pythagoras"
namespace = "samples"

[components.square]
source = "./square.wasm"            # a file, an oci:// reference, or a library alias
config = { precision = "6" }        # wasi:config
env = { LOG = "debug" }
limits = { memory = "64MiB", time = "10s" }
instances = { policy = "pool", size = 4 }
permissions = { network = ["https://api.example.com"], volumes = [{ name = "data", at = "/data", access = "read" }] }

[components.hypotenuse]
source = "oci://ghcr.io/acme/hypotenuse:1.2"
instances.policy = "reuse"
instances.max_calls = 9

[components."a.b"]
source = "ticker"

[[components."a.b".permissions.volumes]]
name = "scratch"
at = "/tmp"
access = "write"

[service]
component = "a.b"
max_restarts = 5

[[links]]
from = "hypotenuse"
import = "math:ops/square"
to = "square"

[[links]]
from = "hypotenuse"
import = "wasi:cli/stdout@0.2.0"
to = "host"

[[links]]
from = "square"
import = "log"
to = "stub"

[volumes]
data = { path = "./data" }
scratch = { temporary = true }

[host."wasi:keyvalue"]
backend = "file"
size = 3
ratio = 0.5
sync = true
paths = ["a", { b = 1 }]
"#;

fn parsed(text: &str) -> Workload {
    parse(text, Path::new("folder/workload.toml")).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The problems of a text as `line:column message (help)`.
fn problems(text: &str) -> Vec<String> {
    let problems = parse(text, Path::new("w")).expect_err("a text with problems");
    problems.iter().map(|problem| problem.to_string().split_off("w:".len())).collect()
}

/// The problems of a text that follows a name and a component `a`.
fn problems_after_a(text: &str) -> Vec<String> {
    problems(&format!("name = \"x\"\n[components.a]\nsource = \"./a.wasm\"\n{text}"))
}

#[test]
fn the_whole_format_is_understood() {
    let workload = parsed(WHOLE);
    assert_eq!(workload.name, "pythagoras");
    assert_eq!(workload.namespace.as_deref(), Some("samples"));
    let names: Vec<_> = workload.components.keys().map(ComponentName::as_str).collect();
    assert_eq!(names, ["square", "hypotenuse", "a.b"]);

    let square = &workload.components[0];
    assert_eq!(square.source, Source::File("folder/square.wasm".into()));
    assert_eq!(square.source_text, "./square.wasm");
    assert_eq!(square.source_place.map(|place| (place.line, place.column)), Some((6, 10)));
    assert_eq!(square.config["precision"], "6");
    assert_eq!(square.env["LOG"], "debug");
    assert_eq!(square.limits.memory_in_bytes, Some(64 << 20));
    assert_eq!(square.limits.time, Some(Duration::from_secs(10)));
    assert_eq!(square.instances, InstancePolicy::Pool { size: 4 });
    assert_eq!(square.permissions.network, ["https://api.example.com"]);
    assert_eq!(square.permissions.volumes[0].access, Access::Read);

    let hypotenuse = &workload.components[1];
    assert_eq!(hypotenuse.source, Source::Oci("ghcr.io/acme/hypotenuse:1.2".into()));
    assert_eq!(hypotenuse.instances, InstancePolicy::Reuse { max_calls: 9 });

    let ticker = &workload.components[2];
    assert_eq!(ticker.source, Source::Alias("ticker".into()));
    assert_eq!(ticker.permissions.volumes[0].access, Access::Write);

    let service = workload.service.expect("a service");
    assert_eq!((service.component.as_str(), service.max_restarts), ("a.b", 5));
    let ends: Vec<_> = workload.links.iter().map(|row| row.to.clone()).collect();
    assert_eq!(ends, [LinkEnd::Component("square".into()), LinkEnd::Host, LinkEnd::Stub]);
    assert_eq!(workload.volumes["data"], VolumeSpec::Path("folder/./data".into()));
    assert_eq!(workload.volumes["scratch"], VolumeSpec::Temporary);
    let keyvalue = &workload.host["wasi:keyvalue"];
    assert_eq!(keyvalue.values["size"].value, Setting::Integer(3));
    assert!(keyvalue.values["size"].place > keyvalue.place);
    assert!(matches!(&keyvalue.values["paths"].value, Setting::List(list) if list.len() == 2));
}

#[test]
fn a_workload_may_be_empty() {
    let workload = parsed("name = \"empty\"");
    assert!(workload.components.is_empty());
    assert_eq!(parsed("\u{feff}name = \"x\"").name, "x");
}

#[test]
fn absolute_sources_stay_absolute_and_relative_ones_follow_the_file() {
    let source = |text: &str| {
        let text = format!("name = \"x\"\n[components.a]\nsource = '{text}'");
        parsed(&text).components[0].source.clone()
    };
    assert_eq!(source("/opt/a.wasm"), Source::File("/opt/a.wasm".into()));
    assert_eq!(source("../b/a"), Source::File("folder/../b/a".into()));
    assert_eq!(source("a.wasm"), Source::File("folder/a.wasm".into()));
    assert_eq!(source("a.wat"), Source::File("folder/a.wat".into()));
    assert_eq!(source("a"), Source::Alias("a".into()));
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text = r#"nme = "x"
namespace = 7

[components.square]
soruce = "./square.wasm"
limits = { memory = "lots", time = 10 }

[components.host]
source = "./h.wasm"
env = { A = 1, "B=C" = "x" }

[service]
component = "sqare"
max_restarts = -1

[[links]]
from = "square"
import = ""
to = "nobody"
"#;
    assert_eq!(
        problems(text),
        [
            " `name` is missing (add `name = \"my-workload\"`)",
            "1:1: unknown key `nme` (did you mean `name`?)",
            "2:13: `namespace` must be a string, not an integer (put it in quotes)",
            "4:13: `components.square.source` is missing (add `source = \"./component.wasm\"`)",
            "5:1: unknown key `components.square.soruce` (did you mean `source`?)",
            "6:21: `components.square.limits.memory` must be a size such as \"64MiB\", above 0",
            "6:36: `components.square.limits.time` must be a time such as \"10s\" or \"500ms\", above 0",
            "8:13: no component can be called `host`: in [[links]] that means something else",
            "10:13: `components.host.env.A` must be a string, not an integer (put it in quotes)",
            "10:16: `components.host.env.\"B=C\"` cannot be the name of an environment variable",
            "13:13: `service.component`: there is no component `sqare` (did you mean `square`?)",
            "14:16: `service.max_restarts` must be a number from 0 to 4294967295, not -1",
            "18:10: `links.import` cannot be empty",
            "19:6: `links.to`: there is no component `nobody` (there is square, host, or \"host\", or \"stub\")",
        ]
    );
}

#[test]
fn text_that_is_not_toml_has_one_problem_with_its_place() {
    let cases = [
        ("name = \"x\"\n[components.a\n", "2:14: not valid TOML"),
        ("name = \"x\"\nname = \"y\"\n", "2:1: not valid TOML: duplicate key (every key"),
        ("name = \"x\"\n[components.a]\n[components.a]\n", "3:13: not valid TOML: duplicate key"),
        ("name = \n", "1:8: not valid TOML"),
        ("é = 1\n", "1:1: not valid TOML"),
    ];
    for (text, expected) in cases {
        let problems = problems(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(expected), "{}", problems[0]);
        assert!(!problems[0].contains('\n'), "{}", problems[0]);
    }
}

#[test]
fn tables_of_the_wrong_type_are_told() {
    for (text, expected) in [
        ("components = 1", "1:14: `components` must be a table, not an integer"),
        ("components = []", "1:14: `components` must be a table, not an array"),
        ("[[components]]", "1:3: `components` must be a table, not an array of tables"),
        ("components.a = \"a.wasm\"", "1:16: `components.a` must be a table, not a string"),
        ("service = \"a\"", "1:11: `service` must be a table, not a string"),
        ("links = {}", "1:9: `links` must be an array of tables, not an inline table"),
        ("links = [1]", "1:10: `links` must be an array of tables, not an integer"),
        ("volumes.a = \"./data\"", "1:13: `volumes.a` must be a table, not a string"),
        ("host.kv = 1", "1:11: `host.kv` must be a table, not an integer"),
        ("host.kv.since = 1979-05-27", "1:17: `host.kv.since` contains a date or a time"),
        ("volumes.a = {}", "1:9: `volumes.a` must have either `path` or `temporary = true`"),
        ("volumes.a = { path = \"x\", temporary = true }", "1:9: `volumes.a` must have either"),
        ("volumes.\"a b\" = { path = \"x\" }", "1:9: a volume's name is made of"),
        ("volumes.a = { path = \"\" }", "1:22: `volumes.a.path` is not a path"),
    ] {
        let found = problems(&format!("{text}\n"));
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn links_must_make_sense_by_themselves() {
    let row = |from: &str, import: &str, to: &str| {
        format!("[[links]]\nfrom = \"{from}\"\nimport = \"{import}\"\nto = \"{to}\"\n")
    };
    assert_eq!(
        problems_after_a(&row("a", "x", "a")),
        ["7:6: `a` cannot be linked to itself (link it to another component)"]
    );
    assert_eq!(
        problems_after_a(&(row("a", "x", "host") + &row("a", "x", "stub"))),
        ["10:10: `x` of `a` is linked already in line 6 (keep one of the two rows)"]
    );
    assert_eq!(
        problems(
            "name = \"x\"\nlinks = [{ from = \"a\", import = \"x\", to = \"host\" }]\ncomponents.b = {}\n"
        ),
        [
            "2:19: `links.from`: there is no component `a` (there is b)",
            "3:12: `components.b.source` is missing (add `source = \"./component.wasm\"`)",
        ]
    );
    assert_eq!(
        problems_after_a("[[links]]\nto = \"host\"\n"),
        [
            "4:1: `links.from` is missing (add `from = \"NAME\"`)",
            "4:1: `links.import` is missing (add `import = \"namespace:package/interface\"`)",
        ]
    );
}

#[test]
fn instances_permissions_and_sources_are_checked() {
    for (text, expected) in [
        (
            "instances = { policy = \"frsh\" }",
            "4:24: `components.a.instances.policy` must be \"fresh\", \"pool\" or \"reuse\" (did you mean `fresh`?)",
        ),
        (
            "instances = { policy = \"pool\" }",
            "4:1: `components.a.instances.size` is missing (add `size = 4`)",
        ),
        (
            "instances = { policy = \"pool\", size = 0 }",
            "4:39: `components.a.instances.size` must be a number from 1 to 64, not 0",
        ),
        (
            "instances = { policy = \"fresh\", size = 2 }",
            "4:33: `components.a.instances.size` means nothing with \"fresh\"",
        ),
        (
            "permissions = { network = [\"example.com\", 5] }",
            "4:28: `components.a.permissions.network` cannot grant `example.com` (name a scheme (http, https, tcp, udp), a host and, if it matters, a port: \"https://api.example.com:8443\")",
        ),
        (
            "permissions.volumes = [{ name = \"data\", at = \"data\", access = \"all\" }]",
            "4:33: there is no volume `data` (add it to [volumes]: data = { path = \"./data\" })",
        ),
        ("config = \"x\"", "4:10: `components.a.config` must be a table, not a string"),
    ] {
        assert_eq!(problems_after_a(text)[0], expected);
    }
    for source in ["https://x/y.wasm", "", "oci://", "a\\u0000.wasm"] {
        let text = format!("name = \"x\"\n[components.a]\nsource = \"{source}\"");
        assert!(problems(&text)[0].starts_with("3:10: `components.a.source` is not a source"), "{source}");
    }
}

#[test]
fn a_flood_of_problems_is_cut_short() {
    let text: String = (0..1_000).map(|index| format!("k{index} = 1\n")).collect();
    let found = problems(&text);
    assert_eq!(found.len(), 101);
    assert_eq!(found[100], " and 901 more problems");
}

proptest::proptest! {
    #[test]
    fn any_text_has_an_answer(text in ".{0,200}") {
        let _ = parse(&text, Path::new("w"));
    }

    #[test]
    fn a_workload_file_with_pieces_moved_about_has_an_answer(
        from in proptest::prelude::any::<proptest::sample::Index>(),
        to in proptest::prelude::any::<proptest::sample::Index>(),
        len in 1_usize..80,
    ) {
        let mut characters: Vec<char> = WHOLE.chars().collect();
        let from = from.index(characters.len());
        let piece: Vec<char> = characters.drain(from..(from + len).min(characters.len())).collect();
        let to = to.index(characters.len());
        characters.splice(to..to, piece);
        let text: String = characters.into_iter().collect();
        if let Err(problems) = parse(&text, Path::new("w")) {
            for problem in problems {
                let lines = u32::try_from(text.lines().count()).expect("few lines");
                proptest::prop_assert!(problem.line.is_none_or(|line| line >= 1 && line <= lines + 1));
            }
        }
    }
}
