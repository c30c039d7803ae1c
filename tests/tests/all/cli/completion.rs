//! `jack completions`, in the real shells.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jackfield_tests::files;
use jackfield_tests::jack;

/// What the shell offers for `line`, with the cursor at its end, in the repository's root.
type Ask = fn(line: &str) -> anyhow::Result<Vec<String>>;

/// A shell with jack's folder in its path, and the script as `$SCRIPT`.
fn shell(name: &str, args: &[&str]) -> anyhow::Result<Vec<String>> {
    let jack = files::program("jack")?;
    let folder = jack.parent().unwrap_or(Path::new("."));
    let path = format!("{}:{}", folder.display(), std::env::var("PATH")?);
    let data = tempfile::tempdir()?;
    let script = data.path().join("script");
    std::fs::write(&script, jack::run(["completions", name])?.success())?;
    let output = Command::new(name)
        .args(args)
        .current_dir(files::root())
        .env("PATH", path)
        .env("SCRIPT", &script)
        .env("JACKFIELD_DATA", data.path())
        .env("HOME", data.path())
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{name} cannot be started"))?;
    assert!(output.status.success(), "{args:?}: {output:?}");
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines.lines().map(str::to_owned).collect())
}

fn bash(line: &str) -> anyhow::Result<Vec<String>> {
    // What bash takes for the word at the cursor.
    let word = line.rsplit([' ', ':', '=']).next().unwrap_or_default();
    let ask = "source \"$SCRIPT\"; compopt() { :; }; COMP_LINE=$1 COMP_POINT=${#1} _jack jack \"$2\"; \
               (( ${#COMPREPLY[@]} )) && printf '%s\\n' \"${COMPREPLY[@]}\"; true";
    shell("bash", &["--norc", "-c", ask, "bash", line, word])
}

fn fish(line: &str) -> anyhow::Result<Vec<String>> {
    let ask = "source $SCRIPT; complete -C $argv[1]";
    let offered = shell("fish", &["--no-config", "-c", ask, "--", line])?;
    Ok(offered.iter().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect())
}

fn zsh(line: &str) -> anyhow::Result<Vec<String>> {
    // The function is the script's own; only what takes its answer is the test's.
    let ask = "compdef() { :; }; source $SCRIPT; compadd() { print -rl -- ${(P)@[-1]} }; \
               words=(${(s: :)1}); [[ $1 == *' ' ]] && words+=(''); CURRENT=$#words; PREFIX=$words[-1]; _jack; true";
    let offered = shell("zsh", &["-f", "-c", ask, "zsh", line])?;
    Ok(offered
        .into_iter()
        .filter(|word| word.starts_with(line.rsplit(' ').next().unwrap_or_default()))
        .collect())
}

fn is_installed(shell: &str) -> bool {
    Command::new(shell).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

const CALCULATOR: &str = "samples/calculator/workload.toml";

fn check(ask: Ask) -> anyhow::Result<()> {
    let has = |line: &str, expected: &[&str]| {
        let offered = ask(line)?;
        for word in expected {
            assert!(
                offered.iter().any(|offered| offered == word),
                "`{line}` should offer {word}: {offered:?}"
            );
        }
        anyhow::Ok(offered)
    };
    has("jack ca", &["call"])?;
    has("jack library p", &["pull", "push"])?;
    has("jack plan --d", &["--dot"])?;
    has("jack plan --color ", &["auto", "always", "never"])?;
    has("jack plan samples/ca", &["samples/calculator/", "samples/calls/"])?;
    has("jack up samples/calculator/w", &[CALCULATOR, "samples/calculator/wit/"])?;
    let components = has(&format!("jack call {CALCULATOR} "), &["hypotenuse", "square", "square-root"])?;
    assert_eq!(components.len(), 3, "{components:?}");
    assert_eq!(ask(&format!("jack call {CALCULATOR} square "))?, ["square"]);
    let flags = has(&format!("jack call {CALCULATOR} hypotenuse hypotenuse --"), &["--a", "--b", "--trace"])?;
    assert!(!flags.iter().any(|flag| flag.contains("explain")), "{flags:?}");
    has(&format!("jack call {CALCULATOR} hypotenuse hypotenuse --a 3 --b 4 --output "), &["json"])?;
    assert_eq!(ask(&format!("jack call {CALCULATOR} hypotenuse hypotenuse --arg "))?, ["a=", "b="]);
    has(&format!("jack up {CALCULATOR} --break "), &["hypotenuse/math:ops/square"])?;
    has("jack call samples/calls/workload.toml callee bytes --bytes @samples/cal", &["@samples/calls/"])?;
    assert_eq!(ask("jack call no-such-file ")?, [""; 0]);
    Ok(())
}

#[test]
fn bash_completes_everything() -> anyhow::Result<()> {
    check(bash)?;
    // Behind `:` and `=`, bash wants what is left of the word.
    assert_eq!(bash("jack plan --color=al")?, ["always"]);
    Ok(())
}

#[test]
fn fish_completes_everything() -> anyhow::Result<()> {
    if is_installed("fish") { check(fish) } else { Ok(()) }
}

#[test]
fn zsh_completes_everything() -> anyhow::Result<()> {
    if is_installed("zsh") { check(zsh) } else { Ok(()) }
}

#[test]
fn a_switch_is_offered_with_its_opposite() -> anyhow::Result<()> {
    let workload = super::shop()?;
    let file = workload.file().display().to_string();
    let offered = |words: &[&str]| {
        let words = [&["__complete", "fish", "--", "call", &file, "shop", "price"], words].concat();
        anyhow::Ok(jack::run(words)?.success().to_owned())
    };
    for words in [&["--"][..], &["--gift", "--"], &["--no-gift", "--"]] {
        let offered = offered(words)?;
        for line in [
            "--count\tu32\n",
            "--gift\tbool: true; false if left out\n",
            "--no-gift\tfalse\n",
            "--no-rush\tfalse\n",
        ] {
            assert!(offered.contains(line), "{words:?} should offer {line}: {offered}");
        }
        assert!(!offered.contains("--no-count"), "{offered}");
    }
    Ok(())
}

#[test]
fn nobody_waits_for_it() -> anyhow::Result<()> {
    // A debug build on a busy machine takes much longer than the tenth of a second that people notice; the quickest
    // of some tries says what jack itself takes.
    let ask = ["__complete", "fish", "--", "call", CALCULATOR, "hypotenuse", "hypotenuse", "--"];
    let times = (0..5).map(|_| {
        let mut command = jack::command(ask)?;
        let started = Instant::now();
        let output = command.output()?;
        assert!(String::from_utf8_lossy(&output.stdout).contains("--a\t"), "{output:?}");
        anyhow::Ok(started.elapsed())
    });
    let quickest = times.collect::<anyhow::Result<Vec<_>>>()?.into_iter().min().unwrap_or_default();
    assert!(quickest < Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 100 }), "{quickest:?}");
    Ok(())
}
