//! `jack new` and `jack edit`.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use jackfield_tests::files::{Workload, sample_component};
use jackfield_tests::jack::{self, Finished};
use serde_json::Value;

const COMMENTED: &str = "# Everything here stays.\nname = \"pythagoras\" # the old one\n\n\
    [components.square-root] # comes first\nsource   = \"./root.wasm\"\n\n\
    # The one to call.\n[components.hypotenuse]\nsource = \"oci://samples/hypotenuse:0.1.0\"\n\n# The end.\n";

fn commented() -> anyhow::Result<Workload> {
    let workload = Workload::new(COMMENTED)?;
    workload.add("root.wasm", sample_component("calculator", "square-root")?)?;
    workload.add("square.wasm", sample_component("calculator", "square")?)?;
    Ok(workload)
}

fn edit(file: &Path, rest: &[&str]) -> anyhow::Result<Finished> {
    let args = [OsStr::new("edit"), file.as_os_str()];
    jack::run(args.into_iter().chain(rest.iter().map(OsStr::new)))
}

#[test]
fn a_workload_is_made_from_nothing_and_runs() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pythagoras.toml");
    let new = || jack::run([OsStr::new("new"), file.as_os_str()]);
    assert_eq!(new()?.success(), format!("made pythagoras: {}\n", file.display()));
    assert!(new()?.failure().contains("there is something already"));

    let finished = edit(&file, &["add", "oci://samples/hypotenuse:0.1.0"])?;
    let text = finished.success();
    assert!(text.starts_with("added hypotenuse from oci://samples/hypotenuse:0.1.0\n"), "{finished}");
    assert!(!text.contains(" → "), "nobody exports what it needs: {finished}");
    assert!(finished.stderr.contains("error: "), "half-built, and so it cannot run yet: {finished}");
    let finished = edit(&file, &["add", "samples/calculator/square.wasm"])?;
    assert!(finished.success().contains("  + hypotenuse math:ops/square → square\n"), "{finished}");
    let finished = edit(&file, &["add", "oci://samples/square-root:0.1.0", "--name", "root"])?;
    assert!(finished.success().contains("  + hypotenuse math:ops/square-root → root\n"), "{finished}");
    assert_eq!(finished.stderr, "");

    let words = ["hypotenuse", "hypotenuse", "3", "4"].map(OsStr::new);
    let finished = jack::run([OsStr::new("call"), file.as_os_str()].into_iter().chain(words))?;
    assert_eq!(finished.success(), "5\n");
    Ok(())
}

#[test]
fn comments_and_order_stay() -> anyhow::Result<()> {
    let workload = commented()?;
    let before = fs::read_to_string(workload.file())?;
    let square = workload.folder().join("square.wasm");
    let finished = edit(&workload.file(), &["add", square.to_str().expect("UTF-8")])?;
    assert!(finished.success().contains("  + hypotenuse math:ops/square → square\n"), "{finished}");
    let after = fs::read_to_string(workload.file())?;
    for line in before.lines() {
        assert!(after.lines().any(|kept| kept == line), "{line}: {after}");
    }
    let place = |part: &str| after.find(part).expect(part);
    assert!(place("[components.square-root]") < place("[components.hypotenuse]"), "{after}");
    assert!(place("[components.hypotenuse]") < place("[components.square]"), "{after}");
    assert!(after.contains("source = \"./square.wasm\""), "below the file, so relative to it: {after}");

    edit(&workload.file(), &["remove", "square"])?.success();
    assert_eq!(fs::read_to_string(workload.file())?, before);
    Ok(())
}

#[test]
fn line_ends_and_a_byte_order_mark_stay() -> anyhow::Result<()> {
    let workload = commented()?;
    let before = format!("\u{feff}{}", COMMENTED.replace('\n', "\r\n"));
    fs::write(workload.file(), &before)?;
    edit(&workload.file(), &["env", "square-root", "A=b"])?.success();
    let after = fs::read_to_string(workload.file())?;
    let line = "source   = \"./root.wasm\"\r\n";
    assert_eq!(after, before.replace(line, &format!("{line}env = {{ A = \"b\" }}\r\n")));
    edit(&workload.file(), &["env", "square-root", "--unset", "A"])?.success();
    assert_eq!(fs::read_to_string(workload.file())?, before);
    Ok(())
}

#[test]
fn links_and_names_are_changed_and_the_plan_says_so() -> anyhow::Result<()> {
    let workload = commented()?;
    let file = workload.file();
    let finished = edit(&file, &["rename", "square-root", "root"])?;
    assert_eq!(finished.success(), "renamed square-root to root\n  no link changes\n");
    let finished = edit(&file, &["link", "hypotenuse", "square", "stub"])?;
    assert_eq!(
        finished.success(),
        "linked hypotenuse math:ops/square\n  + hypotenuse math:ops/square → stub\n"
    );
    assert_eq!(finished.stderr, "");
    let finished = edit(&file, &["link", "hypotenuse", "math:ops/square", "--auto", "--json"])?;
    let change: Value = serde_json::from_str(finished.success())?;
    assert_eq!(change["removed"][0]["import"], "math:ops/square", "{change}");
    assert_eq!(change["diagnostics"].as_array().map(Vec::len), Some(1), "{change}");
    let finished = edit(&file, &["remove", "root"])?;
    assert!(finished.success().contains("  - hypotenuse math:ops/square-root → root\n"), "{finished}");
    Ok(())
}

#[test]
fn stubs_are_given_answers_and_called() -> anyhow::Result<()> {
    let workload = commented()?;
    let file = workload.file();
    edit(&file, &["remove", "square-root"])?.success();
    let finished = edit(&file, &["answer", "hypotenuse", "square", "square", "12.5"])?;
    assert_eq!(
        finished.success(),
        "answered square of math:ops/square to hypotenuse: 12.5\n  + hypotenuse math:ops/square → stub\n"
    );
    let before = fs::read_to_string(&file)?;
    let finished = edit(&file, &["answer", "hypotenuse", "square-root", "square-root", "-x"])?;
    assert!(finished.failure().contains("`-x` is no value of its result's type `f64`"), "{finished}");
    assert_eq!(fs::read_to_string(&file)?, before);
    edit(&file, &["answer", "hypotenuse", "square-root", "square-root", "-5"])?.success();
    let text = fs::read_to_string(&file)?;
    assert!(text.contains("answers = { square-root = \"-5\" }"), "{text}");

    let words = ["hypotenuse", "hypotenuse", "3", "4"].map(OsStr::new);
    let finished = jack::run([OsStr::new("call"), file.as_os_str()].into_iter().chain(words))?;
    assert_eq!(finished.success(), "-5\n");
    let plan = jack::run([OsStr::new("plan"), file.as_os_str()])?;
    assert!(plan.success().contains("    square answers 12.5\n"), "{plan}");

    edit(&file, &["answer", "hypotenuse", "square", "square", "--none"])?.success();
    assert!(!fs::read_to_string(&file)?.contains("12.5"));
    let finished = edit(&file, &["answer", "hypotenuse", "square", "cube", "1"])?;
    assert!(finished.failure().contains("it has square"), "{finished}");
    Ok(())
}

#[test]
fn the_service_is_set_and_taken_away() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cron.toml");
    jack::run([OsStr::new("new"), file.as_os_str(), "--name".as_ref(), "tick".as_ref()])?.success();
    edit(&file, &["add", "oci://samples/job:0.1.0"])?.success();
    let finished = edit(&file, &["add", "oci://samples/ticker:0.1.0"])?;
    assert!(finished.success().contains("  + ticker jackfield:cron/job"), "{finished}");
    edit(&file, &["service", "ticker"])?.success();
    let text = fs::read_to_string(&file)?;
    assert!(text.contains("name = \"tick\"") && text.contains("component = \"ticker\""), "{text}");
    edit(&file, &["service", "--none"])?.success();
    assert!(!fs::read_to_string(&file)?.contains("[service]"));
    Ok(())
}

#[test]
fn settings_sources_and_the_name_are_changed_and_comments_and_order_stay() -> anyhow::Result<()> {
    let workload = commented()?;
    let file = workload.file();
    let finished = edit(&file, &["env", "square-root", "LOG=debug", "EMPTY=", "URL=a=b"])?;
    assert_eq!(
        finished.success(),
        "set env of square-root: LOG=debug\nset env of square-root: EMPTY=\n\
         set env of square-root: URL=a=b\n  no link changes\n"
    );
    edit(&file, &["config", "square-root", "precision=6", "mode=fast"])?.success();
    edit(&file, &["limits", "square-root", "--memory", "64MiB", "--time", "10s"])?.success();
    edit(&file, &["set-name", "pythagoras-two"])?.success();
    let folder = workload.folder().join("roots");
    fs::create_dir(&folder)?;
    fs::copy(workload.folder().join("root.wasm"), folder.join("root.wasm"))?;
    let moved = folder.join("root.wasm");
    edit(&file, &["set-source", "square-root", moved.to_str().expect("UTF-8")])?.success();
    let expected = COMMENTED
        .replace("name = \"pythagoras\" # the old one", "name = \"pythagoras-two\" # the old one")
        .replace(
            "source   = \"./root.wasm\"\n",
            "source   = \"./roots/root.wasm\"\n\
             env = { LOG = \"debug\", EMPTY = \"\", URL = \"a=b\" }\n\
             config = { precision = \"6\", mode = \"fast\" }\n\
             limits = { memory = \"64MiB\", time = \"10s\" }\n",
        );
    assert_eq!(fs::read_to_string(&file)?, expected);

    let finished = edit(&file, &["env", "square-root", "--unset", "LOG", "--unset", "URL", "EMPTY=1"])?;
    assert!(finished.success().contains("took LOG from env of square-root\n"), "{finished}");
    edit(&file, &["config", "square-root", "--unset", "precision", "--unset", "mode"])?.success();
    edit(&file, &["limits", "square-root", "--memory", "none"])?.success();
    let text = fs::read_to_string(&file)?;
    assert!(text.contains("env = { EMPTY = \"1\" }\nlimits = { time = \"10s\" }\n"), "{text}");
    Ok(())
}

#[test]
fn files_named_from_here_are_written_as_seen_from_the_workload_file() -> anyhow::Result<()> {
    let workload = commented()?;
    let here = |args: &[&str]| {
        let mut command = jack::command(args)?;
        command.current_dir(workload.folder());
        jack::Running::start(command)?.finish(jack::PATIENCE)
    };
    let file = workload.file();
    let name = file.file_name().and_then(OsStr::to_str).expect("a name");
    here(&["edit", name, "add", "./square.wasm"])?.success();
    here(&["edit", name, "set-source", "hypotenuse", "./root.wasm"])?.success();
    let text = fs::read_to_string(&file)?;
    assert!(text.contains("[components.square]\nsource = \"./square.wasm\""), "{text}");
    assert!(text.contains("[components.hypotenuse]\nsource = \"./root.wasm\""), "{text}");
    Ok(())
}

#[test]
fn an_edit_that_makes_no_sense_changes_nothing() -> anyhow::Result<()> {
    let workload = commented()?;
    let before = fs::read_to_string(workload.file())?;
    for (args, part) in [
        (&["add", "./nothing.wasm"][..], "nothing.wasm"),
        (&["remove", "circle"], "`circle`"),
        (&["rename", "hypotenuse", "square-root"], "square-root"),
        (&["link", "hypotenuse", "cube", "stub"], "math:ops/square"),
        (&["link", "circle", "square", "stub"], "hypotenuse"),
        (&["service", "circle"], "`circle`"),
        (&["env", "circle", "A=b"], "hypotenuse"),
        (&["env", "hypotenuse", "A=b", "--unset", "B"], "no `B` to take away"),
        (&["config", "hypotenuse", "--unset", "precision"], "nothing is set"),
        (&["limits", "hypotenuse", "--time", "1s", "--memory", "much"], "64MiB"),
        (&["set-source", "hypotenuse", "./nothing.wasm"], "nothing.wasm"),
        (&["set-name", ""], "name"),
    ] {
        let finished = edit(&workload.file(), args)?;
        assert!(finished.failure().contains(part), "{args:?}: {finished}");
        assert_eq!(fs::read_to_string(workload.file())?, before, "{args:?}");
    }
    Ok(())
}
