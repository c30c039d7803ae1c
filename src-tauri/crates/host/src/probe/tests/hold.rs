//! Calls that are held: they go on, are answered, get other arguments, or fail.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use wasmtime::component::Val;

use super::{
    lab::{Lab, Live},
    store::{RUN, components},
};
use crate::probe::{
    held::{Decider, Decision},
    scope::HANDLE,
};

/// An instance in which the calls with these numbers are decided so; all others go on.
async fn deciding(lab: &Lab, decisions: &[(u32, Decision)]) -> Live {
    let mut live = lab.live().await;
    let decisions: Arc<[(u32, Decision)]> = decisions.into();
    live.store.data_mut().probing.hold_all(Decider::new(move |span| {
        let decided = decisions.iter().find(|(of, _)| *of == span);
        let decision = decided.map_or(Decision::Continue, |(_, decision)| decision.clone());
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            decision
        })
    }));
    live
}

fn item(handle: u32) -> Val {
    Val::Record(vec![(format!("{HANDLE}item"), Val::U32(handle))])
}

#[tokio::test]
async fn a_call_goes_on_after_a_while() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = deciding(&lab, &[]).await;
    let started = Instant::now();
    assert_eq!(live.call(RUN, "items", &[]).await.unwrap(), Some(Val::U32(10)));
    assert!(started.elapsed() >= Duration::from_millis(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_call_is_answered_in_the_place_of_its_target() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = deciding(&lab, &[(2, Decision::Answer(Some(Val::U32(40))))]).await;
    assert_eq!(live.call(RUN, "items", &[]).await.unwrap(), Some(Val::U32(47)));
    assert_eq!(live.spans()[1], "store store#[method]item.price(item#1) = 40");
    // A string is another way to give a result, and there is a borrowed handle that nobody takes.
    let text = Val::String("an answer".into());
    let mut live = deciding(&lab, &[(2, Decision::Answer(Some(text.clone())))]).await;
    assert_eq!(live.call(RUN, "name", &[Val::String("x".into())]).await.unwrap(), Some(text));
    assert_eq!(live.call(RUN, "live", &[]).await.unwrap(), Some(Val::U32(0)));
}

#[tokio::test]
async fn an_owned_handle_that_nobody_takes_is_dropped_and_one_that_is_answered_is_not() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = deciding(&lab, &[(2, Decision::Answer(Some(Val::U32(1))))]).await;
    assert_eq!(live.call(RUN, "take", &[]).await.unwrap(), Some(Val::U32(1)));
    assert_eq!(live.call(RUN, "live", &[]).await.unwrap(), Some(Val::U32(0)));
    let mut live = deciding(&lab, &[(2, Decision::Answer(Some(item(1))))]).await;
    assert_eq!(live.call(RUN, "swap", &[]).await.unwrap(), Some(Val::U32(7)));
    assert_eq!(live.call(RUN, "live", &[]).await.unwrap(), Some(Val::U32(0)));
}

#[tokio::test]
async fn a_call_that_gives_a_handle_can_be_answered_with_an_error() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = deciding(&lab, &[]).await;
    assert_eq!(live.call(RUN, "find", &[]).await.unwrap(), Some(Val::U32(5)));
    let error = Val::Result(Err(Some(Box::new(Val::String("no such item".into())))));
    let mut live = deciding(&lab, &[(1, Decision::Answer(Some(error)))]).await;
    assert_eq!(live.call(RUN, "find", &[]).await.unwrap(), Some(Val::U32(1012)));
    assert_eq!(live.spans()[0], "store store#find(5) = err(\"no such item\")");
    assert_eq!(live.call(RUN, "live", &[]).await.unwrap(), Some(Val::U32(0)));
}

#[tokio::test]
async fn a_call_goes_on_with_other_arguments() {
    let lab = Lab::new(&components(), |_| true);
    let changes = [(1, Decision::Change(vec![Val::U32(30)])), (2, Decision::Change(vec![item(1)]))];
    let mut live = deciding(&lab, &changes).await;
    assert_eq!(live.call(RUN, "items", &[]).await.unwrap(), Some(Val::U32(64)));
    // One of the items is left out, and one is there twice.
    let twice = Val::List(vec![item(3), item(3), item(1)]);
    let mut live = deciding(&lab, &[(4, Decision::Change(vec![twice]))]).await;
    assert_eq!(live.call(RUN, "sums", &[Val::U32(3)]).await.unwrap(), Some(Val::U32(4)));
    assert_eq!(live.call(RUN, "live", &[]).await.unwrap(), Some(Val::U32(0)));
    let changed = vec![Val::Result(Err(Some(Box::new(Val::Float64(0.5))))), Val::String("other".into())];
    let mut live = deciding(&lab, &[(2, Decision::Change(changed))]).await;
    let result = live.call(RUN, "name", &[Val::String("x".into())]).await.unwrap();
    assert_eq!(result, Some(Val::String("other".into())));
}

#[tokio::test]
async fn a_call_fails_for_the_reason_that_is_given() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = deciding(&lab, &[(2, Decision::Fail("enough of this".to_owned()))]).await;
    let error = live.call(RUN, "items", &[]).await.unwrap_err();
    assert!(format!("{error:?}").contains("enough of this"), "{error:?}");
}

#[tokio::test]
async fn a_handle_that_there_is_not_traps() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = deciding(&lab, &[(2, Decision::Answer(Some(item(99))))]).await;
    let error = live.call(RUN, "swap", &[]).await.unwrap_err();
    assert!(format!("{error:?}").contains("unknown handle"), "{error:?}");
}
