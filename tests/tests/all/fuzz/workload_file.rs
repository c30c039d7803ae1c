//! The text of a workload file is understood, or every problem has a place in it; and what was understood
//! can be changed by each edit of the window, which does what it says and nothing else.

use std::fs;
use std::path::Path;

use jackfield_host::workload::{LinkEnd, LinkRow, ServiceSpec, Workload, apply, parse};
use jackfield_protocol::{ComponentName, Edit, EditLinkEnd, Problem};
use jackfield_tests::files;

use super::driver::{Target, run};
use super::generate::Choices;
use super::mutate::mutated;

const PATH: &str = "folder/workload.toml";

/// Folders that hold folders with workload files.
const EXAMPLES: [&str; 3] = ["samples", "tests/bad-inputs", "src-tauri/crates/host/tests/plan"];

/// A file in which everything is said that can be said, in every way that TOML has for it.
const EVERYTHING: &str = r#"# Everything.
name = "all"
namespace = "fuzz"
components.dotted.source = "lib" # beside it
components.dotted.limits.memory = "1GiB"

[components.a]
source = "./a.wasm"
config = { precision = "6", "odd key" = "\u00e9" }
env.LOG = "debug"
args = ["--flag", 'raw\']
limits = { memory = "64MiB", time = "10s" }
instances = { policy = "pool", size = 4 }

[components.a.permissions]
network = [
    "https://api.example.com", # one
    "tcp://10.0.0.1:5432",
]
volumes = [{ name = "data", at = "/data", access = "write" }]

[components."b.c"]
source = "oci://ghcr.io/acme/b:1.0"
instances = { policy = "reuse", max_calls = 100 }

[service]
component = "a"
max_restarts = 1

[[links]]
from = "a"
import = "math:ops/square@1.0.0"
to = "b.c"

# Of the second.
[[links]]
from = "b.c"
import = "log"
to = "stub"

[volumes]
data = { path = "./data" }
scratch = { temporary = true }

[host."wasi:keyvalue"]
backend = "file"
limits = [1, 2.5, true, { deep = [] }]
"#;

const WORDS: [&str; 46] = [
    "name",
    "namespace",
    "components",
    "components.a.env",
    "source",
    "config",
    "env",
    "args",
    "limits",
    "memory",
    "time",
    "instances",
    "policy",
    "\"pool\"",
    "\"reuse\"",
    "size",
    "max_calls",
    "permissions",
    "network",
    "volumes",
    "service",
    "component",
    "max_restarts",
    "links",
    "from",
    "import",
    "to",
    "\"host\"",
    "\"stub\"",
    "temporary = true",
    "host",
    "\"\"",
    "''",
    "\"\"\"\n\"\"\"",
    "[[",
    "]]",
    "{ }",
    "[ ]",
    " = ",
    "-1",
    "99999999999999999999",
    "1e400",
    "nan",
    "1979-05-27T07:32:00Z",
    "\u{feff}",
    "\r\n",
];

#[test]
fn workload_files() {
    run(&Target { name: "workload-file", seeds, fresh, words: &WORDS, check });
}

fn seeds() -> Vec<Vec<u8>> {
    let folders =
        EXAMPLES.iter().flat_map(|folder| fs::read_dir(files::root().join(folder)).expect("a folder"));
    let mut paths: Vec<_> =
        folders.map(|entry| entry.expect("an entry").path().join("workload.toml")).collect();
    paths.sort();
    let examples = paths.into_iter().filter_map(|path| fs::read(path).ok());
    examples.chain([EVERYTHING.into()]).collect()
}

/// The file with everything, changed in many places, so that much of it is still there.
fn fresh(choices: &mut Choices) -> Vec<u8> {
    let mut text = EVERYTHING.as_bytes().to_vec();
    for _ in 0..=choices.below(4) {
        text = mutated(choices, &[text], &WORDS);
    }
    text
}

fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match parse(&text, Path::new(PATH)) {
        Ok(workload) => {
            all_names_are_there(&workload);
            edits(&text, &workload);
        }
        Err(problems) => all_have_a_place(&text, &problems),
    }
}

fn all_have_a_place(text: &str, problems: &[Problem]) {
    assert!(!problems.is_empty());
    let lines = text.split('\n').count();
    for problem in problems {
        let line = usize::try_from(problem.line.unwrap_or(1)).expect("a line");
        assert!((1..=lines).contains(&line), "{problem}");
        assert_eq!(problem.path, PATH);
        let texts = [Some(&problem.message), problem.help.as_ref()];
        for text in texts.into_iter().flatten() {
            assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
        }
    }
    assert!(problems.is_sorted_by_key(|problem| (problem.line, problem.column)), "{problems:#?}");
}

fn all_names_are_there(workload: &Workload) {
    let is_there = |name: &ComponentName| workload.components.contains_key(name);
    assert!(workload.service.iter().all(|service| is_there(&service.component)), "{workload:?}");
    for (index, row) in workload.links.iter().enumerate() {
        assert!(is_there(&row.from), "{row:?}");
        assert!(!matches!(&row.to, LinkEnd::Component(to) if !is_there(to) || *to == row.from), "{row:?}");
        let others = &workload.links[..index];
        assert!(others.iter().all(|other| (&other.from, &other.import) != (&row.from, &row.import)));
    }
    for spec in workload.components.values() {
        assert!(spec.permissions.volumes.iter().all(|grant| workload.volumes.contains_key(&grant.name)));
    }
}

/// Makes an edit, and compares what the file says then with what it should say.
fn edit(text: &str, workload: &Workload, edit: &Edit, change: impl FnOnce(&mut Workload)) -> String {
    let edited =
        apply(text, Path::new(PATH), edit).unwrap_or_else(|error| panic!("{edit:?}: {error}\n{text}"));
    let read = parse(&edited.text, Path::new(PATH));
    let read = read.unwrap_or_else(|problems| panic!("{edit:?}: {problems:?}\n{}", edited.text));
    let mut wanted = workload.clone();
    change(&mut wanted);
    let (read, wanted) = (without_places(read), without_places(wanted));
    // Not by `assert_eq`: numbers that are none differ from themselves.
    assert!(
        format!("{read:?}") == format!("{wanted:?}"),
        "{edit:?}\n{read:#?}\n{wanted:#?}\n{}",
        edited.text
    );
    edited.text
}

fn without_places(mut workload: Workload) -> Workload {
    for spec in workload.components.values_mut() {
        spec.source_place = None;
    }
    for plugin in workload.host.values_mut() {
        plugin.place = None;
        plugin.values.values_mut().for_each(|setting| setting.place = None);
    }
    workload
}

fn edits(text: &str, workload: &Workload) {
    let added = Edit::AddComponent { name: None, source: "./new.wasm".to_owned() };
    let added = apply(text, Path::new(PATH), &added).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let component = added.component.expect("a name");
    let larger = parse(&added.text, Path::new(PATH));
    let larger = larger.unwrap_or_else(|problems| panic!("{problems:?}\n{}", added.text));
    edit(&added.text, &larger, &Edit::RemoveComponents(vec![component]), |it| it.clone_from(workload));
    edit(text, workload, &Edit::SetName("other".to_owned()), |it| it.name = "other".to_owned());
    edit(text, workload, &Edit::SetService(None), |it| it.service = None);
    edit(text, workload, &Edit::RemoveComponents(workload.components.keys().cloned().collect()), |it| {
        it.components.clear();
        it.links.clear();
        it.service = None;
    });
    for name in workload.components.keys() {
        names(text, workload, name);
        settings(text, workload, name);
        links(text, workload, name);
    }
}

fn names(text: &str, workload: &Workload, name: &ComponentName) {
    let component = Some(name.clone());
    edit(text, workload, &Edit::SetService(component), |it| match &mut it.service {
        Some(service) => service.component = name.clone(),
        none => *none = Some(ServiceSpec { component: name.clone(), max_restarts: 3 }),
    });
    let to = ComponentName::new("renamed");
    if workload.components.contains_key(&to) {
        return;
    }
    let rename = Edit::RenameComponent { from: name.clone(), to: to.clone() };
    let renamed = edit(text, workload, &rename, |it| rename_in(it, name, &to));
    let mut there = workload.clone();
    rename_in(&mut there, name, &to);
    let back = Edit::RenameComponent { from: to.clone(), to: name.clone() };
    edit(&renamed, &there, &back, |it| rename_in(it, &to, name));
}

fn rename_in(workload: &mut Workload, from: &ComponentName, to: &ComponentName) {
    let name = |name: &ComponentName| if name == from { to.clone() } else { name.clone() };
    workload.components = workload.components.iter().map(|(it, spec)| (name(it), spec.clone())).collect();
    if let Some(service) = &mut workload.service {
        service.component = name(&service.component);
    }
    for row in &mut workload.links {
        row.from = name(&row.from);
        if let LinkEnd::Component(end) = &mut row.to {
            *end = name(end);
        }
    }
}

fn settings(text: &str, workload: &Workload, name: &ComponentName) {
    let spec = |it: &mut Workload| it.components.get(name).cloned().expect("the component");
    let (component, key, odd) = (name.clone(), "A.b \"c\"".to_owned(), "1\n\"\u{1}'\u{301}".to_owned());
    let set = Edit::SetEnv { component: component.clone(), key: key.clone(), value: Some(odd.clone()) };
    let with_env = |it: &mut Workload| {
        let mut spec = spec(it);
        spec.env.insert(key.clone(), odd.clone());
        it.components.insert(name.clone(), spec);
    };
    let set_text = edit(text, workload, &set, with_env);
    let mut there = workload.clone();
    with_env(&mut there);
    let clear = Edit::SetEnv { component: component.clone(), key: key.clone(), value: None };
    edit(&set_text, &there, &clear, |it| {
        let mut spec = spec(it);
        spec.env.shift_remove(&key);
        it.components.insert(name.clone(), spec);
    });
    let limit = Edit::SetMemoryLimit { component: component.clone(), limit: Some("1MiB".to_owned()) };
    edit(text, workload, &limit, |it| {
        let mut spec = spec(it);
        spec.limits.memory_in_bytes = Some(1 << 20);
        it.components.insert(name.clone(), spec);
    });
    let no_limit = Edit::SetTimeLimit { component: component.clone(), limit: None };
    edit(text, workload, &no_limit, |it| {
        let mut spec = spec(it);
        spec.limits.time = None;
        it.components.insert(name.clone(), spec);
    });
    let origin = "https://fuzz.example.com".to_owned();
    if workload.components[name].permissions.network.contains(&origin) {
        return;
    }
    let grant = Edit::SetNetwork { component, origin: origin.clone(), is_granted: true };
    edit(text, workload, &grant, |it| {
        let mut spec = spec(it);
        spec.permissions.network.push(origin.clone());
        it.components.insert(name.clone(), spec);
    });
}

fn links(text: &str, workload: &Workload, name: &ComponentName) {
    let import = "fuzz:fuzz/fuzz@1.0.0".to_owned();
    if workload.links.iter().any(|row| row.import.starts_with("fuzz:fuzz/fuzz")) {
        return;
    }
    let set = Edit::SetLink { component: name.clone(), import: import.clone(), to: Some(EditLinkEnd::Stub) };
    let row = LinkRow {
        from: name.clone(),
        import: import.clone(),
        to: LinkEnd::Stub,
        answers: Default::default(),
    };
    let set_text = edit(text, workload, &set, |it| it.links.push(row.clone()));
    let mut there = workload.clone();
    there.links.push(row);
    let clear = Edit::SetLink { component: name.clone(), import, to: None };
    edit(&set_text, &there, &clear, |it| {
        it.links.pop();
    });
}
