use super::super::{Workload, parse};
use super::*;
use jackfield_protocol::EditLinkEnd;

const FILE: &str = r#"# Who owns this file.

name = "calculator" # shown in the window

# The roots.

# Squares a number.
[components.square]
source = "./square.wasm"   # built by hand
env = { LOG = "debug" }

[components.root]
source = "oci://samples/square-root:0.1.0"

[components.root.config]
precision = "6" # digits

[service]
component = "square"
max_restarts = 1

[[links]]
# told, not guessed
from = "square"
import = "math:ops/root"
to = "root"
"#;

fn edit(text: &str, edit: &Edit) -> Edited {
    apply(text, Path::new("/work/w/workload.toml"), edit).expect("the edit")
}

fn parsed(text: &str) -> Workload {
    parse(text, Path::new("/work/w/workload.toml")).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

fn name(name: &str) -> ComponentName {
    ComponentName::new(name)
}

fn add(source: &str) -> Edit {
    Edit::AddComponent { name: None, source: source.to_owned() }
}

#[test]
fn a_component_is_added_after_the_others_and_nothing_else_changes() {
    let edited = edit(FILE, &add("/work/w/guests/cube.wasm"));
    assert_eq!(edited.component, Some(name("cube")));
    let added = "\n[components.cube]\nsource = \"./guests/cube.wasm\"\n";
    let place = FILE.find("\n[service]").expect("the service");
    assert_eq!(edited.text, format!("{}{added}{}", &FILE[..place], &FILE[place..]));
    assert_eq!(parsed(&edited.text).components.len(), 3);
}

#[test]
fn names_come_from_sources_and_are_never_taken_twice() {
    for (source, expected) in [
        ("oci://ghcr.io/acme/cube:1.2.3", "cube"),
        ("oci://localhost:5000/a/b@sha256:00", "b"),
        ("./the cube.wasm", "the-cube"),
        ("my-alias", "my-alias"),
        ("/tmp/host.wasm", "component"),
        ("./square.wasm", "square-2"),
    ] {
        let edited = edit(FILE, &add(source));
        assert_eq!(edited.component, Some(name(expected)), "{source}");
        parsed(&edited.text);
    }
}

#[test]
fn a_workload_grows_from_nothing_and_shrinks_to_it() {
    let empty = empty("a \"quoted\" name");
    assert_eq!(parsed(&empty).name, "a \"quoted\" name");
    let one = edit(&empty, &add("oci://samples/square:0.1.0")).text;
    let two = edit(&one, &add("oci://samples/square:0.1.0")).text;
    assert_eq!(parsed(&two).components.len(), 2);
    let none = edit(&two, &Edit::RemoveComponents(vec![name("square"), name("square-2")])).text;
    assert_eq!(none, empty);
}

#[test]
fn removing_takes_links_and_service_along_and_leaves_comments_that_stand_apart() {
    let edited = edit(FILE, &Edit::RemoveComponents(vec![name("square")])).text;
    let workload = parsed(&edited);
    assert!(workload.links.is_empty() && workload.service.is_none());
    assert!(edited.contains("# The roots.") && edited.contains("# Who owns this file."), "{edited}");
    assert!(!edited.contains("Squares a number"));
}

#[test]
fn renaming_keeps_the_order_and_reaches_every_mention() {
    let edited = edit(FILE, &Edit::RenameComponent { from: name("square"), to: name("power") });
    let expected = FILE
        .replace("[components.square]", "[components.power]")
        .replace("component = \"square\"", "component = \"power\"")
        .replace("from = \"square\"", "from = \"power\"");
    assert_eq!(edited.text, expected);
    let refused = |from: &str, to: &str| {
        let edit = Edit::RenameComponent { from: name(from), to: name(to) };
        apply(FILE, Path::new("w"), &edit).expect_err("refused").message
    };
    assert!(refused("square", "root").contains("already"));
    assert!(refused("square", "host").contains("host"));
    assert!(refused("cube", "x").contains("no component `cube`"));
}

#[test]
fn links_are_set_changed_and_left_to_the_rules_again() {
    let set = |text: &str, import: &str, to: Option<EditLinkEnd>| {
        edit(text, &Edit::SetLink { component: name("square"), import: import.to_owned(), to }).text
    };
    let stubbed = set(FILE, "math:ops/root@0.1.0", Some(EditLinkEnd::Stub));
    assert_eq!(stubbed, FILE.replace("to = \"root\"", "to = \"stub\""));
    let second = set(&stubbed, "math:ops/cube", Some(EditLinkEnd::Component(name("root"))));
    assert_eq!(parsed(&second).links.len(), 2);
    let back = set(&second, "math:ops/cube", None);
    assert_eq!(back, stubbed);
    assert!(parsed(&set(&back, "math:ops/root", None)).links.is_empty());
}

#[test]
fn settings_keep_what_is_written_around_them() {
    let config = |value: Option<&str>| Edit::SetConfig {
        component: name("root"),
        key: "precision".to_owned(),
        value: value.map(str::to_owned),
    };
    assert_eq!(edit(FILE, &config(Some("9"))).text, FILE.replace("\"6\" # digits", "\"9\" # digits"));
    assert!(!edit(FILE, &config(None)).text.contains("[components.root.config]"));
    let limit = |limit: Option<&str>| Edit::SetTimeLimit {
        component: name("square"),
        limit: limit.map(str::to_owned),
    };
    let limited = edit(FILE, &limit(Some("5s"))).text;
    assert_eq!(parsed(&limited).components[&name("square")].limits.time.map(|time| time.as_secs()), Some(5));
    assert_eq!(edit(&limited, &limit(None)).text, FILE);
    let env = Edit::SetEnv { component: name("root"), key: "A B".to_owned(), value: Some("\"\n".to_owned()) };
    assert_eq!(parsed(&edit(FILE, &env).text).components[&name("root")].env["A B"], "\"\n");
}

#[test]
fn origins_are_granted_and_taken_wherever_permissions_stand() {
    let network = |is_granted: bool| Edit::SetNetwork {
        component: name("square"),
        origin: "https://a.example".to_owned(),
        is_granted,
    };
    let granted = edit(FILE, &network(true)).text;
    assert_eq!(parsed(&granted).components[&name("square")].permissions.network, ["https://a.example"]);
    assert_eq!(edit(&granted, &network(true)).text, granted, "once is enough");
    assert_eq!(edit(&granted, &network(false)).text, FILE);
    assert_eq!(edit(FILE, &network(false)).text, FILE);
    let text = "name = \"x\"\n[components.square]\nsource = \"./a.wasm\"\n[components.square.permissions]\n\
                network = [\"tcp://h:1\"] # why\nvolumes = []\n";
    let more = edit(text, &network(true)).text;
    assert_eq!(more, text.replace("\"tcp://h:1\"", "\"tcp://h:1\", \"https://a.example\""));
    let beside = "name = \"x\"\nvolumes = { v = { temporary = true } }\n[components.square]\nsource = \"./a.wasm\"\n\
                  permissions = { volumes = [{ name = \"v\", at = \"/v\" }] }\n";
    let both = edit(beside, &network(true)).text;
    assert_eq!(both, beside.replace("}] }", "}], network = [\"https://a.example\"] }"));
    assert_eq!(edit(&both, &network(false)).text, beside);
}

#[test]
fn inline_tables_and_dotted_keys_are_edited_in_place() {
    let text = "name = \"x\"\ncomponents = { a = { source = \"./a.wasm\" }, b = { source = \"./b.wasm\" } }\n\
                links = [{ from = \"a\", import = \"p:i/b\", to = \"b\" }]\nservice.component = \"a\"\n";
    let renamed = edit(text, &Edit::RenameComponent { from: name("a"), to: name("z") }).text;
    let workload = parsed(&renamed);
    assert_eq!(workload.components.keys().map(ComponentName::as_str).collect::<Vec<_>>(), ["z", "b"]);
    assert_eq!(workload.links[0].from, name("z"));
    assert_eq!(workload.service.map(|service| service.component), Some(name("z")));
    let more = edit(text, &add("./c.wasm")).text;
    assert_eq!(parsed(&more).components.len(), 3, "{more}");
    let fewer = edit(&more, &Edit::RemoveComponents(vec![name("a")])).text;
    assert!(parsed(&fewer).links.is_empty());
    let linked =
        Edit::SetLink { component: name("b"), import: "p:i/c".to_owned(), to: Some(EditLinkEnd::Stub) };
    assert_eq!(parsed(&edit(text, &linked).text).links.len(), 2);
}

#[test]
fn a_file_that_moves_takes_its_relative_paths_along() {
    let text = "name = \"x\"\n[components.a]\nsource = \"./guests/a.wasm\" # here\n[components.b]\n\
                source = \"oci://h/b:1\"\n[volumes]\ndata = { path = \"data\" }\n";
    let moved = |to: &str| move_to(text, Path::new("/work/w/workload.toml"), Path::new(to)).expect("moved");
    assert_eq!(moved("/work/w/other.toml"), text);
    let up = text.replace("./guests/a.wasm", "./w/guests/a.wasm").replace("\"data\"", "\"./w/data\"");
    assert_eq!(moved("/work/workload.toml"), up);
    assert!(moved("/else/workload.toml").contains("\"/work/w/guests/a.wasm\" # here"));
}

/// A text as another system's editor writes it.
fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// An edit of every kind that writes or removes lines.
fn edits() -> Vec<Edit> {
    let config = |value: Option<&str>| Edit::SetConfig {
        component: name("root"),
        key: "precision".to_owned(),
        value: value.map(str::to_owned),
    };
    let link = |to| Edit::SetLink { component: name("square"), import: "math:ops/root".to_owned(), to };
    vec![
        add("./cube.wasm"),
        Edit::RemoveComponents(vec![name("square")]),
        Edit::RemoveComponents(vec![name("square"), name("root")]),
        Edit::RenameComponent { from: name("square"), to: name("power") },
        Edit::SetSource { component: name("square"), source: "./other.wasm".to_owned() },
        link(None),
        link(Some(EditLinkEnd::Stub)),
        Edit::SetService(None),
        Edit::SetService(Some(name("root"))),
        Edit::SetName("other".to_owned()),
        config(None),
        config(Some("9")),
        Edit::SetNetwork { component: name("root"), origin: "tcp://h:1".to_owned(), is_granted: true },
        Edit::SetMemoryLimit { component: name("root"), limit: Some("1 MiB".to_owned()) },
    ]
}

#[test]
fn line_ends_and_the_byte_order_mark_stay_as_they_are() {
    let marked = |text: &str| format!("\u{feff}{text}");
    for change in edits() {
        let plain = edit(FILE, &change).text;
        assert!(!plain.contains('\r'), "{change:?}");
        assert_eq!(edit(&crlf(FILE), &change).text, crlf(&plain), "{change:?}");
        assert_eq!(edit(&marked(FILE), &change).text, marked(&plain), "{change:?}");
        assert_eq!(edit(&marked(&crlf(FILE)), &change).text, marked(&crlf(&plain)), "{change:?}");
        let last_without_end = edit(&crlf(FILE.trim_end()), &change).text;
        assert_eq!(last_without_end, crlf(&edit(FILE.trim_end(), &change).text), "{change:?}");
    }
    let (from, to) = (Path::new("/work/w/a.toml"), Path::new("/work/a.toml"));
    let moved = |text: &str| move_to(text, from, to).expect("moved");
    assert_ne!(moved(FILE), FILE);
    assert_eq!(moved(&marked(&crlf(FILE))), marked(&crlf(&moved(FILE))));
}

#[test]
fn lines_that_an_edit_leaves_alone_keep_ends_of_their_own() {
    let change = Edit::SetSource { component: name("square"), source: "./other.wasm".to_owned() };
    let line = "source = \"./square.wasm\"   # built by hand\n";
    for (odd, end) in [("# Who owns this file.\n", "\r\n"), ("max_restarts = 1\n", "\n")] {
        let mixed = FILE.replace(odd, &crlf(odd));
        let edited = format!("source = \"./other.wasm\"   # built by hand{end}");
        assert_eq!(edit(&mixed, &change).text, mixed.replace(line, &edited));
    }
}

#[test]
fn a_text_of_several_lines_says_the_same_whatever_the_line_ends() {
    let file = crlf(&FILE.replace("\"debug\"", "\"\"\"a\nb\"\"\""));
    let logged = |text: &str| parsed(text).components[&name("square")].env["LOG"].clone();
    for text in ["x\ny", "x\r\ny\n", "\"\"\"\\\t\u{7f}\n'''ü"] {
        for component in ["root", "square"].map(name) {
            let key = "TEXT".to_owned();
            let set = Edit::SetEnv { component: component.clone(), key, value: Some(text.to_owned()) };
            let edited = edit(&file, &set).text;
            assert_eq!(parsed(&edited).components[&component].env["TEXT"], text, "{edited}");
            assert_eq!(logged(&edited), logged(&file), "{edited}");
        }
    }
}
