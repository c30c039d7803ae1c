//! The sample `blobby`: objects over HTTP, kept by a component in the place of one of the host's plugins.

use std::ffi::OsStr;

use jackfield_protocol::{LinkTarget, Plan};
use jackfield_tests::files::sample;
use jackfield_tests::jack::{self, PATIENCE};

#[test]
fn objects_go_through_the_front_into_the_component_and_back() -> anyhow::Result<()> {
    let mut running = jack::start([OsStr::new("up"), sample("blobby").as_os_str()])?;
    let line = running.stderr.wait_for(|line| line.contains("front answers HTTP requests at "), PATIENCE)?;
    let url = line.rsplit(' ').next().unwrap_or_default();
    let get = |name: &str| -> anyhow::Result<String> {
        Ok(ureq::get(format!("{url}{name}")).call()?.body_mut().read_to_string()?)
    };

    assert_eq!(get("")?, "");
    assert_eq!(ureq::put(format!("{url}greeting")).send("hello")?.status(), 201);
    assert_eq!(ureq::put(format!("{url}another")).send("x")?.status(), 201);
    assert_eq!(get("")?, "another\ngreeting\n");
    assert_eq!(get("greeting")?, "hello");
    ureq::delete(format!("{url}another")).call()?;
    assert_eq!(get("")?, "greeting\n");
    assert!(matches!(ureq::get(format!("{url}another")).call(), Err(ureq::Error::StatusCode(404))));
    Ok(())
}

#[test]
fn the_plan_shows_who_keeps_the_objects() -> anyhow::Result<()> {
    let finished = jack::run([OsStr::new("plan"), sample("blobby").as_os_str(), "--json".as_ref()])?;
    let plan: Plan = serde_json::from_str(finished.success())?;
    let stores: Vec<_> =
        plan.links.iter().filter(|link| link.import.starts_with("wasi:blobstore/")).collect();
    assert_eq!(stores.len(), 3, "{plan:#?}");
    let is_blobby = |target: &LinkTarget| matches!(target, LinkTarget::Component { name, .. } if name.as_str() == "blobby");
    assert!(stores.iter().all(|link| is_blobby(&link.target)), "{stores:#?}");
    Ok(())
}
