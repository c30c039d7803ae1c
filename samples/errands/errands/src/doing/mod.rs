//! The errands themselves.

mod address;
mod http;
mod tcp;
mod udp;

use std::{env, fs, path::Path};

#[allow(unused_imports, reason = "only one of the components that share this is a service")]
pub(crate) use tcp::{serve, serve_http};
#[allow(unused_imports, reason = "only one of the components that share this is a service")]
pub(crate) use udp::serve_datagrams;

/// Does one errand.
pub(crate) fn run(errand: &str, with: &[String]) -> Result<String, String> {
    let with: Vec<&str> = with.iter().map(String::as_str).collect();
    match (errand, with.as_slice()) {
        ("env", []) => Ok(env::vars().map(|(key, value)| format!("{key}={value}\n")).collect()),
        ("args", []) => Ok(env::args().collect::<Vec<_>>().join(" ")),
        ("read", [path]) => fs::read_to_string(path).map_err(|error| error.to_string()),
        ("write", [path, text]) => done(fs::write(path, text)),
        ("list", [path]) => list(Path::new(path)).map_err(|error| error.to_string()),
        ("link", [target, path]) => link(target, path),
        ("get", [url]) => http::get(url),
        ("look-up", [name]) => tcp::look_up(name),
        ("send", [address, text]) => tcp::send(address, text),
        ("listen", [address]) => tcp::listen(address).map(|_| String::new()),
        ("ask", [address, text]) => udp::ask(address, text),
        ("tell", [address, text]) => udp::tell(address, text),
        ("take", [address]) => udp::take(address),
        ("print", [text]) => {
            println!("{text}");
            Ok(String::new())
        }
        _ => Err(format!("there is no errand `{errand}` with {} words", with.len())),
    }
}

fn done(result: std::io::Result<()>) -> Result<String, String> {
    result.map(|()| String::new()).map_err(|error| error.to_string())
}

fn list(path: &Path) -> std::io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names.join(" "))
}

/// Makes a link below the first folder that it finds.
fn link(target: &str, path: &str) -> Result<String, String> {
    let folders = wasip2::filesystem::preopens::get_directories();
    let (folder, _) = folders.first().ok_or("there is no folder")?;
    folder.symlink_at(target, path).map(|()| String::new()).map_err(|error| error.to_string())
}
