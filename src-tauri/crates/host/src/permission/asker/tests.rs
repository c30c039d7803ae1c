//! What a component may reach, by what it was granted.

use std::sync::Mutex;

use jackfield_protocol::WorkloadState;

use super::super::{Denials, Grants, Origin, Resolved};
use super::*;
use crate::calls::CurrentCall;
use crate::{Line, Observer, answer::Answers, volume::Volumes};

#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<Denial>>);

impl Heard {
    pub(crate) fn denials(&self) -> Vec<Denial> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Heard {
    fn line(&self, _: Line) {}

    fn state(&self, _: WorkloadState) {}

    fn denied(&self, denial: Denial) {
        self.0.lock().unwrap().push(denial);
    }
}

/// The component `a` with these grants, and who hears what it is denied.
pub(crate) fn asker(grants: &[&str]) -> (Asker, Arc<Heard>) {
    let heard = Arc::new(Heard::default());
    let boundary = Boundary {
        grants: Grants::default(),
        denials: Denials::new(heard.clone()),
        resolved: Resolved::default(),
        volumes: Volumes::default(),
        loopback: Arc::default(),
        answers: Answers::default(),
    };
    for grant in grants {
        boundary.grants.grant(&"a".into(), Origin::parse(grant).expect(grant));
    }
    (Asker { component: "a".into(), boundary: Arc::new(boundary), call: CurrentCall::default() }, heard)
}

fn told(heard: &Heard) -> Vec<(Wanted, Option<String>)> {
    heard.0.lock().unwrap().drain(..).map(|denial| (denial.wanted, denial.grant)).collect()
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn without_a_grant_no_name_is_even_looked_up() {
    let (asker, heard) = asker(&["http://example.com"]);
    assert_eq!(asker.reach("https", "example.invalid", 443).await, Err(Refused::Denied));
    let origin = "https://example.invalid".to_owned();
    assert_eq!(told(&heard), [(Wanted::Connect { origin: origin.clone() }, Some(origin))]);
    assert_eq!(asker.look_up("example.invalid").await, Err(Refused::Denied));
    let (wanted, grant) = told(&heard).remove(0);
    assert_eq!(wanted, Wanted::LookUp { name: "example.invalid".into() });
    assert_eq!(grant.as_deref(), Some("tcp://example.invalid"));
}

#[tokio::test]
async fn a_granted_name_that_stands_for_a_private_address_is_refused() {
    // The one name that stands for a private address everywhere, in a spelling that is not granted as
    // the loopback address itself.
    let (asker, heard) = asker(&["http://*:8080"]);
    assert_eq!(asker.reach("http", "localhost", 8080).await, Err(Refused::Denied));
    let (wanted, grant) = told(&heard).remove(0);
    assert!(matches!(&wanted, Wanted::PrivateAddress { origin, .. } if origin == "http://localhost:8080"));
    let grant = grant.expect("a grant");
    asker.boundary.grants.grant(&"a".into(), Origin::parse(&grant).expect("an origin"));
    assert!(asker.reach("http", "localhost", 8080).await.is_ok(), "{grant} allows it");
}

#[tokio::test]
async fn an_address_in_another_spelling_does_not_slip_through() {
    let (asker, heard) = asker(&["http://*"]);
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "169.254.169.254", "2130706433", "0x7f.1"] {
        assert!(asker.reach("http", host, 80).await.is_err(), "{host}");
    }
    assert!(!told(&heard).is_empty());
}

#[tokio::test]
async fn what_is_granted_and_taken_counts_at_once() {
    let (asker, _) = asker(&[]);
    let grant = Origin::parse("http://127.0.0.1:8080").expect("an origin");
    let reached = || asker.reach("http", "127.0.0.1", 8080);
    assert_eq!(reached().await, Err(Refused::Denied));
    asker.boundary.grants.grant(&"a".into(), grant.clone());
    assert_eq!(reached().await, Ok(vec![address("127.0.0.1:8080")]));
    asker.boundary.grants.revoke(&"a".into(), &grant);
    assert_eq!(reached().await, Err(Refused::Denied));
}

#[test]
fn sockets_reach_what_was_looked_up_and_nothing_private() {
    let (asker, heard) = asker(&["tcp://*.example.com:5432", "tcp://10.0.0.1", "udp://*:53"]);
    assert!(!asker.may_talk_to("tcp", address("93.184.216.34:5432")));
    asker.boundary.resolved.remember(&"a".into(), "db.example.com", &["93.184.216.34".parse().unwrap()]);
    assert!(asker.may_talk_to("tcp", address("93.184.216.34:5432")));
    assert!(!asker.may_talk_to("tcp", address("93.184.216.34:5433")));
    assert!(!asker.may_talk_to("udp", address("93.184.216.34:5432")));
    assert!(asker.may_talk_to("tcp", address("10.0.0.1:1")));
    assert!(asker.may_talk_to("udp", address("1.1.1.1:53")));
    assert!(!asker.may_talk_to("udp", address("10.0.0.2:53")));
    // Of another component.
    let other = Asker { component: "b".into(), ..asker.clone() };
    assert!(!other.asks_to_talk_to("tcp", address("10.0.0.1:1")));
    let grants: Vec<_> = told(&heard).into_iter().map(|(_, grant)| grant).collect();
    assert_eq!(grants, [Some("tcp://10.0.0.1:1".to_owned())]);
}
