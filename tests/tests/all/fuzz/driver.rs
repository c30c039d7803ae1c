//! Runs a target.

use std::cell::Cell;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use jackfield_tests::files;

use super::generate::Choices;
use super::mutate::mutated;

/// How long to look for inputs, in seconds.
const SECONDS: &str = "JACKFIELD_FUZZ_SECONDS";
/// Where chance begins.
const SEED: &str = "JACKFIELD_FUZZ_SEED";
/// With every run of the tests.
const DEFAULT_SECONDS: u64 = 1;
/// The same for everybody, so that nobody's change fails for what another one did.
const DEFAULT_SEED: u64 = 0x6a61_636b;
/// An input that takes longer hangs; none takes a hundredth of it.
const HANGS_AFTER: Duration = Duration::from_secs(60);
const MINIMISING: Duration = Duration::from_secs(30);
/// New inputs that are kept to be changed.
const MAX_KEPT: usize = 200;
/// One of so many inputs is new; the others are changed ones.
const ONE_IS_FRESH: usize = 20;

/// Something to break.
pub(crate) struct Target {
    /// Its folder in `tests/fuzz`.
    pub(crate) name: &'static str,
    /// Input to begin with.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// Makes input from nothing.
    pub(crate) fresh: fn(&mut Choices) -> Vec<u8>,
    /// What is put into input that is text.
    pub(crate) words: &'static [&'static str],
    /// Panics if the code under test does, or makes the wrong thing of the input.
    pub(crate) check: fn(&[u8]),
}

/// Checks the corpus, and then looks for more.
pub(crate) fn run(target: &Target) {
    let corpus = Corpus::of(target);
    let known = corpus.files();
    let limit = Duration::from_secs(number(SECONDS).unwrap_or(DEFAULT_SECONDS));
    let seed = number(SEED).unwrap_or(DEFAULT_SEED);
    let watch = Watch::begin(target, &corpus);
    for (path, bytes) in &known {
        watch.next(bytes);
        if attempt(target, bytes).is_err() {
            eprintln!("{}: fails", path.display());
            (target.check)(bytes);
        }
    }
    let mut pool = (target.seeds)();
    for bytes in &pool {
        watch.next(bytes);
        try_one(target, &corpus, bytes);
    }
    pool.extend(known.into_iter().map(|(_, bytes)| bytes));
    let count = search(target, &corpus, &watch, pool, &mut Choices::seeded(seed), limit);
    println!("{}: {count} inputs in {} s from seed {seed}, no findings", target.name, limit.as_secs());
}

fn search(
    target: &Target,
    corpus: &Corpus,
    watch: &Watch,
    mut pool: Vec<Vec<u8>>,
    choices: &mut Choices,
    limit: Duration,
) -> u64 {
    let started = Instant::now();
    let most = pool.len() + MAX_KEPT;
    let mut count = 0;
    while started.elapsed() < limit {
        let input = if pool.is_empty() || choices.below(ONE_IS_FRESH) == 0 {
            let input = (target.fresh)(choices);
            if pool.len() < most {
                pool.push(input.clone());
            }
            input
        } else {
            mutated(choices, &pool, target.words)
        };
        watch.next(&input);
        try_one(target, corpus, &input);
        count += 1;
    }
    count
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a whole number, not {text:?}")))
}

thread_local! {
    /// Whether a panic of this thread is told by who catches it.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Hundreds of panics go by while an input is made small.
fn keep_quiet_about_what_is_caught() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_CAUGHT.get() {
                usual(panic);
            }
        }));
    });
}

/// What the target says about an input that it fails for.
fn attempt(target: &Target, bytes: &[u8]) -> Result<(), String> {
    keep_quiet_about_what_is_caught();
    IS_CAUGHT.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(|| (target.check)(bytes)));
    IS_CAUGHT.set(false);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without a message")
            .to_owned()
    })
}

fn try_one(target: &Target, corpus: &Corpus, bytes: &[u8]) {
    let Err(message) = attempt(target, bytes) else { return };
    let path = corpus.keep(&minimised(target, bytes), "found");
    eprintln!("{message}\nThe input is now a test: {}", path.display());
    // Once more, so that it says where.
    (target.check)(&fs::read(path).expect("the input"));
    panic!("{}: does not fail each time", target.name);
}

/// What remains of an input when everything is taken out without which it fails as well.
fn minimised(target: &Target, bytes: &[u8]) -> Vec<u8> {
    let started = Instant::now();
    let mut best = bytes.to_vec();
    let mut size = best.len() / 2;
    while size > 0 && started.elapsed() < MINIMISING {
        let mut at = 0;
        while at < best.len() && started.elapsed() < MINIMISING {
            let mut shorter = best.clone();
            shorter.drain(at..(at + size).min(best.len()));
            if attempt(target, &shorter).is_err() {
                best = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    best
}

/// The inputs that a target failed for once, and that are worth checking for ever.
#[derive(Clone)]
struct Corpus {
    folder: PathBuf,
}

impl Corpus {
    fn of(target: &Target) -> Self {
        Self { folder: files::root().join("tests/fuzz").join(target.name) }
    }

    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, bytes)
        };
        paths.into_iter().map(read).collect()
    }

    fn keep(&self, bytes: &[u8], what: &str) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let path = self.folder.join(format!("{what}-{:016x}", hasher.finish()));
        let written = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&path, bytes));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }
}

/// Sees to it that an input is found that hangs, or that ends the process.
struct Watch {
    /// Holds the input that is being checked.
    current: PathBuf,
    begun: Arc<AtomicU64>,
}

impl Watch {
    /// An input that ended the process of an earlier run goes into the corpus first.
    fn begin(target: &Target, corpus: &Corpus) -> Self {
        let folder = files::target_folder().expect("a target folder").join("fuzz");
        fs::create_dir_all(&folder).expect("a folder");
        let current = folder.join(target.name);
        if let Ok(bytes) = fs::read(&current) {
            // Or whoever ran it ended it; then the check is quick and passes.
            let path = corpus.keep(&bytes, "died");
            eprintln!("an earlier run ended during this input: {}", path.display());
            if attempt(target, &bytes).is_ok() {
                fs::remove_file(path).expect("removed");
            }
        }
        let begun = Arc::new(AtomicU64::new(0));
        watch_for_hangs(begun.clone(), current.clone(), corpus.clone());
        Self { current, begun }
    }

    fn next(&self, bytes: &[u8]) {
        fs::write(&self.current, bytes).expect("written");
        self.begun.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // What is left is an input that was being checked when the process ended.
        let _ = fs::remove_file(&self.current);
    }
}

fn watch_for_hangs(begun: Arc<AtomicU64>, current: PathBuf, corpus: Corpus) {
    thread::spawn(move || {
        let mut last = (0, Instant::now());
        // The other owner is the watch.
        while Arc::strong_count(&begun) > 1 {
            thread::sleep(Duration::from_millis(200));
            let now = begun.load(Ordering::Relaxed);
            if now != last.0 {
                last = (now, Instant::now());
            } else if last.1.elapsed() > HANGS_AFTER {
                keep_hanging(&current, &corpus);
            }
        }
    });
}

fn keep_hanging(current: &Path, corpus: &Corpus) {
    let Ok(bytes) = fs::read(current) else { return };
    let path = corpus.keep(&bytes, "hangs");
    eprintln!("an input hangs, and is now a test: {}", path.display());
    std::process::abort();
}
