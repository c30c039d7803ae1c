//! Decides what one component may do, at the moment it wants to.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, PoisonError},
};

use jackfield_protocol::{ComponentName, Denial, Wanted};

use crate::calls::CurrentCall;

use super::{
    Boundary,
    address::is_private,
    origin::{address_of, origin_text},
};

/// One component of a running workload, as it asks for something.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) component: ComponentName,
    pub(crate) boundary: Arc<Boundary>,
    pub(crate) call: CurrentCall,
}

/// Why a component does not get what it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It has no grant for that.
    Denied,
    /// The name stands for no address.
    NotFound,
}

impl Asker {
    /// The addresses to connect to for a host, if the component may. They were looked up once, and
    /// nothing else may be connected to: a name may stand for something else the next time.
    pub(crate) async fn reach(
        &self,
        scheme: &str,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Refused> {
        let origin = origin_text(scheme, host, port);
        if !self.boundary.grants.any(&self.component, |grant| grant.allows(scheme, host, port)) {
            self.deny(Wanted::Connect { origin: origin.clone() }, Some(origin));
            return Err(Refused::Denied);
        }
        let addresses: Vec<SocketAddr> =
            resolve(host).await?.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        let is_allowed = |address: &SocketAddr| {
            let named =
                || self.boundary.grants.any(&self.component, |grant| grant.allows_address(scheme, *address));
            !is_private(address.ip()) || named()
        };
        let allowed: Vec<SocketAddr> = addresses.iter().copied().filter(is_allowed).collect();
        match addresses.first() {
            Some(address) if allowed.is_empty() => {
                let grant = origin_text(scheme, &address.ip().to_string(), port);
                self.deny(Wanted::PrivateAddress { origin, address: address.ip().to_string() }, Some(grant));
                Err(Refused::Denied)
            }
            Some(_) => Ok(allowed),
            None => Err(Refused::NotFound),
        }
    }

    /// Whether a socket of the component may talk to an address.
    pub(crate) fn may_talk_to(&self, scheme: &str, address: SocketAddr) -> bool {
        let grants = &self.boundary.grants;
        let (ip, port) = (address.ip().to_canonical(), address.port());
        if grants.any(&self.component, |grant| grant.allows_address(scheme, address)) {
            return true;
        }
        if is_private(ip) {
            return false;
        }
        let mut hosts = self.boundary.resolved.names(&self.component, ip);
        hosts.push(ip.to_string());
        grants.any(&self.component, |grant| hosts.iter().any(|host| grant.allows(scheme, host, port)))
    }

    /// As [`Self::may_talk_to`], and tells it if not.
    pub(crate) fn asks_to_talk_to(&self, scheme: &str, address: SocketAddr) -> bool {
        let may = self.may_talk_to(scheme, address);
        if !may {
            let origin = origin_text(scheme, &address.ip().to_string(), address.port());
            self.deny(Wanted::Connect { origin: origin.clone() }, Some(origin));
        }
        may
    }

    /// The addresses of a name, if the component may know them.
    pub(crate) async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, Refused> {
        if let Some(address) = address_of(name) {
            return Ok(vec![address]);
        }
        // The workload's own loopback network: `crate::network::loopback`.
        if name.eq_ignore_ascii_case("localhost") {
            return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        let grants = &self.boundary.grants;
        if !grants.any(&self.component, |grant| grant.needs_lookup_of(name)) {
            self.deny(Wanted::LookUp { name: name.to_owned() }, Some(format!("tcp://{name}")));
            self.refuse_call("wasi:sockets/ip-name-lookup@");
            return Err(Refused::Denied);
        }
        let addresses = resolve(name).await?;
        let is_named = |address: IpAddr| grants.any(&self.component, |grant| grant.names_address(address));
        let allowed: Vec<IpAddr> =
            addresses.iter().copied().filter(|address| !is_private(*address) || is_named(*address)).collect();
        match addresses.first() {
            Some(address) if allowed.is_empty() => {
                let origin = format!("tcp://{name}");
                let grant = format!("tcp://{}", bracketed(*address));
                self.deny(Wanted::PrivateAddress { origin, address: address.to_string() }, Some(grant));
                Err(Refused::Denied)
            }
            Some(_) => {
                self.boundary.resolved.remember(&self.component, name, &allowed);
                Ok(allowed)
            }
            None => Err(Refused::NotFound),
        }
    }

    /// The call to an interface of the host that goes on is one that the component may not make.
    pub(crate) fn refuse_call(&self, interface: &str) {
        if let Some(tracer) = self.call.tracer() {
            tracer.lock().unwrap_or_else(PoisonError::into_inner).refused(interface);
        }
    }

    /// Tells that the component did not get what it wanted.
    pub(crate) fn deny(&self, wanted: Wanted, grant: Option<String>) {
        let (component, call) = (self.component.clone(), self.call.get());
        let permitted = self.boundary.grants.written(&component);
        self.boundary.denials.tell(Denial { component, wanted, grant, permitted, call }, &self.call);
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// What a host stands for now.
async fn resolve(host: &str) -> Result<Vec<IpAddr>, Refused> {
    if let Some(address) = address_of(host) {
        return Ok(vec![address]);
    }
    let found = tokio::net::lookup_host((host, 0)).await.map_err(|_| Refused::NotFound)?;
    Ok(found.map(|address| address.ip().to_canonical()).collect())
}

#[cfg(test)]
pub(super) mod tests;
