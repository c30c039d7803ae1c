//! Runs errands by way of WASI 0.3, where everything that takes time is async.

/// Generated from `samples/errands/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wasip3::wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package samples:errands-scout;

            world component {
                export samples:errands/scouting;
            }
        ",
        generate_all,
        runtime_path: "wasip3::wit_bindgen::rt",
    });
}

use bindings::exports::samples::errands::scouting::Guest;
use wasip3::cli::{environment, stdout};
use wasip3::filesystem::preopens;
use wasip3::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wasip3::http::client;
use wasip3::http::types::{Fields, Request, Scheme};
use wasip3::sockets::ip_name_lookup::resolve_addresses;
use wasip3::sockets::types::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket, UdpSocket,
};
use wasip3::{wit_future, wit_stream};

const LOCALHOST: (u8, u8, u8, u8) = (127, 0, 0, 1);

struct Scout;

impl Guest for Scout {
    async fn scout(errand: String, words: Vec<String>) -> Result<String, String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match (errand.as_str(), words.as_slice()) {
            ("env", []) => Ok(environment::get_environment()
                .into_iter()
                .map(|(key, value)| format!("{key}={value}\n"))
                .collect()),
            ("folders", []) => {
                Ok(preopens::get_directories().into_iter().map(|(_, at)| format!("{at}\n")).collect())
            }
            ("make-folder", [path]) => make_folder(path).await,
            ("open", [path]) => open(path).await,
            ("get", [authority]) => get(authority).await,
            ("look-up", [name]) => look_up(name).await,
            ("send", [port, text]) => send(port, text).await,
            ("listen", [port]) => listen(port),
            ("ask", [port, text]) => ask(port, text).await,
            ("talk", [port, text]) => talk(port, text).await,
            ("print", [text]) => print(text).await,
            _ => Err(format!("there is no errand `{errand}` with {} words", words.len())),
        }
    }
}

/// Makes a folder in the first volume.
async fn make_folder(path: &str) -> Result<String, String> {
    let done = volume()?.create_directory_at(path.to_owned()).await;
    done.map(|()| String::new()).map_err(|error| format!("{error:?}"))
}

/// Opens a file of the first volume, to read it.
async fn open(path: &str) -> Result<String, String> {
    let (how, flags) = (OpenFlags::empty(), DescriptorFlags::READ);
    let opened = volume()?.open_at(PathFlags::SYMLINK_FOLLOW, path.to_owned(), how, flags).await;
    opened.map(|_| String::new()).map_err(|error| format!("{error:?}"))
}

fn volume() -> Result<Descriptor, String> {
    preopens::get_directories()
        .into_iter()
        .next()
        .map(|(folder, _)| folder)
        .ok_or_else(|| "no volume".to_owned())
}

/// The status of a page.
async fn get(authority: &str) -> Result<String, String> {
    let (no_trailers, trailers) = wit_future::new(|| Ok(None));
    drop(no_trailers);
    let (request, _sent) = Request::new(Fields::new(), None, trailers, None);
    request.set_scheme(Some(&Scheme::Http)).map_err(|()| "the scheme is not accepted")?;
    request.set_authority(Some(authority)).map_err(|()| "the host is not accepted")?;
    request.set_path_with_query(Some("/")).map_err(|()| "the path is not accepted")?;
    let response = client::send(request).await.map_err(|error| format!("{error:?}"))?;
    Ok(response.get_status_code().to_string())
}

async fn look_up(name: &str) -> Result<String, String> {
    let found = resolve_addresses(name.to_owned()).await.map_err(|error| format!("{error:?}"))?;
    Ok(found.into_iter().map(|address| format!("{}\n", ip(&address))).collect())
}

fn ip(address: &IpAddress) -> std::net::IpAddr {
    match *address {
        IpAddress::Ipv4((a, b, c, d)) => [a, b, c, d].into(),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => [a, b, c, d, e, f, g, h].into(),
    }
}

fn at(address: (u8, u8, u8, u8), port: &str) -> Result<IpSocketAddress, String> {
    let port = port.parse().map_err(|_| "that is no port")?;
    Ok(IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }))
}

/// Sends a text to a port of this workload, and gives back what comes and from where.
async fn send(port: &str, words: &str) -> Result<String, String> {
    let socket = TcpSocket::create(IpAddressFamily::Ipv4).map_err(text)?;
    socket.connect(at(LOCALHOST, port)?).await.map_err(text)?;
    let from = port_of(socket.get_remote_address().map_err(text)?)?;
    let (mut writer, reader) = wit_stream::new();
    let sent = socket.send(reader);
    writer.write_all(words.as_bytes().to_vec()).await;
    drop(writer);
    sent.await.map_err(text)?;
    let (answer, received) = socket.receive();
    let answer = answer.collect().await;
    received.await.map_err(text)?;
    Ok(format!("{} from {}", String::from_utf8_lossy(&answer), from))
}

/// Listens at a port of this workload for a moment, and tells which it is.
fn listen(port: &str) -> Result<String, String> {
    let socket = TcpSocket::create(IpAddressFamily::Ipv4).map_err(text)?;
    socket.bind(at(LOCALHOST, port)?).map_err(text)?;
    let _connections = socket.listen().map_err(text)?;
    Ok(port_of(socket.get_local_address().map_err(text)?)?.to_string())
}

/// Sends a text to a port of this workload in one datagram, and gives back the one that comes and from where.
async fn ask(port: &str, words: &str) -> Result<String, String> {
    let socket = UdpSocket::create(IpAddressFamily::Ipv4).map_err(text)?;
    socket.send(words.as_bytes().to_vec(), Some(at(LOCALHOST, port)?)).await.map_err(text)?;
    let (answer, from) = socket.receive().await.map_err(text)?;
    Ok(format!("{} from {}", String::from_utf8_lossy(&answer), port_of(from)?))
}

/// Takes a datagram at a port of this workload, which it sends itself, and answers it.
async fn talk(port: &str, words: &str) -> Result<String, String> {
    let (one, other) = (
        UdpSocket::create(IpAddressFamily::Ipv4).map_err(text)?,
        UdpSocket::create(IpAddressFamily::Ipv4).map_err(text)?,
    );
    one.bind(at(LOCALHOST, port)?).map_err(text)?;
    other.connect(at(LOCALHOST, port)?).map_err(text)?;
    other.send(words.as_bytes().to_vec(), None).await.map_err(text)?;
    let (mut data, from) = one.receive().await.map_err(text)?;
    let is_other = port_of(from)? == port_of(other.get_local_address().map_err(text)?)?;
    data.extend(format!(" from {}", if is_other { "the other" } else { "somebody" }).as_bytes());
    one.send(data, Some(from)).await.map_err(text)?;
    let (answer, from) = other.receive().await.map_err(text)?;
    Ok(format!("{}, answered from {}", String::from_utf8_lossy(&answer), port_of(from)?))
}

fn port_of(address: IpSocketAddress) -> Result<u16, String> {
    match address {
        IpSocketAddress::Ipv4(address) => Ok(address.port),
        IpSocketAddress::Ipv6(_) => Err("that is no address of this workload".to_owned()),
    }
}

async fn print(words: &str) -> Result<String, String> {
    let (mut writer, reader) = wit_stream::new();
    let printed = stdout::write_via_stream(reader);
    writer.write_all(format!("{words}\n").into_bytes()).await;
    drop(writer);
    printed.await.map_err(|error| format!("{error:?}"))?;
    Ok(String::new())
}

fn text(error: ErrorCode) -> String {
    format!("{error:?}")
}

bindings::export!(Scout with_types_in bindings);
