//! One store, several processes, and processes that are killed.
//!
//! The other process is this test program itself, told by its environment to be one.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jackfield_library::{AliasRecord, AliasTarget, Store};

use crate::support::{large_component, store};

const FOLDER: &str = "JACKFIELD_TEST_FOLDER";
const WRITER: &str = "JACKFIELD_TEST_WRITER";
const ROUNDS: &str = "JACKFIELD_TEST_ROUNDS";

const WRITERS: u64 = 4;
const ROUNDS_EACH: u64 = 15;
const COMPONENT_IN_BYTES: usize = 200_000;

#[test]
#[ignore = "started by the other tests as a process of its own"]
fn writer() {
    let number = |name: &str| env::var(name).unwrap().parse::<u64>().unwrap();
    let Ok(folder) = env::var(FOLDER) else { return };
    for round in 0..number(ROUNDS) {
        let store = Store::open(Path::new(&folder)).unwrap();
        let seed = number(WRITER) * 1_000 + round;
        add(&store, &format!("writer-{}-{round}", number(WRITER)), seed);
        println!("written {round}");
    }
}

fn add(store: &Store, alias: &str, seed: u64) {
    let component = large_component(COMPONENT_IN_BYTES, seed);
    let target = AliasTarget::Digest(component.info().digest.clone());
    let record = AliasRecord { target, set_at_millis: 0, source: None };
    let insert = |index: &mut jackfield_library::Index| {
        index.aliases.insert(alias.to_owned(), record);
    };
    store.add(&component, insert).unwrap();
}

fn start_writer(store: &Store, writer: u64, rounds: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "processes::writer", "--nocapture", "--test-threads=1"])
        .env(FOLDER, store.root())
        .env(WRITER, writer.to_string())
        .env(ROUNDS, rounds.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn assert_whole(store: &Store) {
    assert!(store.check().unwrap().is_empty(), "every component has its digest");
    let index = store.index().unwrap();
    for alias in index.aliases.keys() {
        store.read(index.alias_digest(alias).unwrap()).unwrap();
    }
}

#[test]
fn processes_that_write_at_once_lose_nothing_of_one_another() {
    let (_folder, store) = store();
    let writers: Vec<_> = (0..WRITERS).map(|writer| start_writer(&store, writer, ROUNDS_EACH)).collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let aliases = store.index().unwrap().aliases;
    assert_eq!(aliases.len() as u64, WRITERS * ROUNDS_EACH);
    assert_whole(&store);
}

#[test]
fn a_process_that_is_killed_leaves_a_whole_store() {
    let (_folder, store) = store();
    let mut written = 0;
    for round in 0..12 {
        let mut writer = start_writer(&store, round, 10_000);
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        // From its first write on, at a moment that differs from round to round.
        lines.by_ref().map_while(Result::ok).find(|line| line.contains("written")).expect("it writes");
        std::thread::sleep(Duration::from_millis(round * 3));
        writer.kill().unwrap();
        writer.wait().unwrap();
        written += 1;

        let reopened = Store::open(store.root()).unwrap();
        assert_whole(&reopened);
        let left = std::fs::read_dir(store.root().join("unfinished")).unwrap().count();
        assert_eq!(left, 0, "what was left is swept up");
        assert!(reopened.index().unwrap().aliases.len() as u64 >= written);
    }
}

#[test]
fn a_component_that_is_still_being_written_survives_another_process() {
    let (_folder, store) = store();
    let component = large_component(COMPONENT_IN_BYTES, 7);
    let mut blob = store.begin().unwrap();
    let (first, second) = component.bytes().split_at(1000);
    blob.write(first).unwrap();
    assert!(start_writer(&store, 1, 1).wait().unwrap().success());
    store.remove_unused().unwrap();
    blob.write(second).unwrap();
    let digest = store.keep(blob, |_| ()).unwrap();
    assert_eq!(store.read(&digest).unwrap().bytes(), component.bytes());
}
