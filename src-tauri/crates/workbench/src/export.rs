//! What leaves for other runtimes, on its way to files.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind as IoErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jackfield_protocol::{Error, ErrorKind, Exported, Response, WrittenExport, WrittenFile};

/// Writes all files of an export, or none if one is there already and may not be replaced.
pub(crate) fn write(exported: &Exported, first: &Path, replace: bool) -> Result<Response, Error> {
    let paths: Vec<PathBuf> = exported.files.iter().map(|file| place(first, &file.path)).collect();
    let in_the_way = paths.iter().filter(|path| path.symlink_metadata().is_ok());
    let in_the_way: Vec<String> = in_the_way.map(|path| path.display().to_string()).collect();
    if !replace && !in_the_way.is_empty() {
        return Ok(Response::ExportInTheWay(in_the_way));
    }
    let mut files = Vec::new();
    for (file, path) in exported.files.iter().zip(&paths) {
        if let Some(folder) = path.parent().filter(|_| !file.path.is_empty()) {
            fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
        }
        write_one(path, &file.bytes, replace)?;
        files.push(WrittenFile { path: path.display().to_string(), size_in_bytes: file.bytes.len() as u64 });
    }
    let (findings, commands) = (exported.findings.clone(), commands(&exported.commands, first));
    Ok(Response::WroteExport(WrittenExport { files, findings, commands }))
}

/// Where a file of an export has to be.
fn place(first: &Path, path: &str) -> PathBuf {
    if path.is_empty() { first.to_owned() } else { folder(first).join(path) }
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

fn write_one(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).truncate(replace).create(replace).create_new(!replace);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| match error.kind() {
        // Somebody was quicker.
        IoErrorKind::AlreadyExists => {
            Error::new(ErrorKind::File, format!("there is something already: {}", path.display()))
                .with_help("try again, or choose another name")
        }
        _ => cannot_write(path, &error),
    })
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    let message = format!("cannot write ({error}): {}", path.display());
    Error::new(ErrorKind::File, message).with_help("check that its folder is there, and may be written to")
}

/// The commands with the names of files in them.
fn commands(commands: &[String], file: &Path) -> Vec<String> {
    let name = quoted(&file.display().to_string());
    let deps = quoted(&folder(file).join("deps").display().to_string());
    let with_names = |command: &String| {
        let words = command.split(' ').map(|word| match word {
            "FILE" => name.as_str(),
            "FOLDER/deps" => deps.as_str(),
            word => word,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    commands.iter().map(with_names).collect()
}

fn quoted(path: &str) -> String {
    // Only a zero byte cannot be quoted, and no path has one.
    shlex::try_quote(path).map_or_else(|_| path.to_owned(), Into::into)
}
