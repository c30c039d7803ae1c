//! What is to be done to calls, as it is written on the command line.

use jackfield_protocol::{Action, Error, ErrorKind, Intervention, InterventionId, Plan};

use super::link::{self, Meant};
use crate::args::Interventions;

/// All of them, or the first that is wrong.
pub(super) fn interventions(plan: &Plan, args: &Interventions) -> Result<Vec<Intervention>, Error> {
    let breaks = args.breaks.iter().map(|text| hold(plan, text));
    let delays = args.delays.iter().map(|text| delay(plan, text, args.seed));
    let fails = args.fails.iter().map(|text| fail(plan, text, args.seed));
    breaks.chain(delays).chain(fails).collect()
}

fn intervention(meant: Meant, action: Action) -> Intervention {
    let Meant { site, function } = meant;
    Intervention { id: InterventionId(0), site, function, condition: None, action, is_enabled: true }
}

/// `LINK[:FUNCTION][ if CONDITION]`
fn hold(plan: &Plan, text: &str) -> Result<Intervention, Error> {
    let (link, condition) = match text.split_once(" if ") {
        Some((link, condition)) => (link, Some(condition.trim().to_owned())),
        None => (text, None),
    };
    let meant = link::find(plan, link.trim())?;
    Ok(Intervention { condition, ..intervention(meant, Action::Hold) })
}

/// `LINK[:FUNCTION]=MS[..MS]`
fn delay(plan: &Plan, text: &str, seed: u64) -> Result<Intervention, Error> {
    let wrong = || {
        Error::new(ErrorKind::Arguments, format!("`--delay {text}` says no time"))
            .with_help("write LINK=MS for a fixed delay, or LINK=MS..MS for a random one: square=100..300")
    };
    let (link, time) = text.rsplit_once('=').ok_or_else(wrong)?;
    let millis =
        |time: &str| time.trim().trim_end_matches("ms").trim_end().parse::<u64>().map_err(|_| wrong());
    let (min_millis, max_millis) = match time.split_once("..") {
        Some((min, max)) => (millis(min)?, millis(max.trim_start_matches('='))?),
        None => (millis(time)?, millis(time)?),
    };
    if min_millis > max_millis {
        return Err(wrong());
    }
    let meant = link::find(plan, link.trim())?;
    Ok(intervention(meant, Action::Delay { min_millis, max_millis, seed }))
}

/// `LINK[:FUNCTION][=VALUE][@PERCENT]`
fn fail(plan: &Plan, text: &str, seed: u64) -> Result<Intervention, Error> {
    // A version begins with `@`, too, and has more dots than a number.
    let percent = text.rsplit_once('@').and_then(|(rest, percent)| {
        let percent: f64 = percent.trim_end_matches('%').parse().ok()?;
        Some((rest, percent))
    });
    let (rest, percent) = percent.unwrap_or((text, 100.0));
    if !(0.0..=100.0).contains(&percent) {
        let message = format!("{percent} is no part of a hundred");
        return Err(
            Error::new(ErrorKind::Arguments, message).with_help("write LINK@25 for a quarter of the calls")
        );
    }
    let (link, value) = match rest.split_once('=') {
        Some((link, value)) => (link, Some(value.to_owned())),
        None => (rest, None),
    };
    let meant = link::find(plan, link.trim())?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a million")]
    let parts_per_million = (percent * 10_000.0).round() as u32;
    Ok(intervention(meant, Action::Fail { value, parts_per_million, seed }))
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{
        ComponentInfo, ComponentSettings, Digest, Direction, Function, FunctionKind, Link, LinkTarget, Node,
        Port, PortKind, ProbeSite, Rule, Why,
    };

    use super::*;

    fn plan() -> Plan {
        let links = [
            ("app", "math:ops/square@0.2.0", "square"),
            ("app", "math:ops/root", "root"),
            ("other", "math:ops/root", "root"),
            ("app", "log", "logger"),
        ];
        let node = |name: &str| Node {
            name: name.into(),
            source: String::new(),
            is_service: false,
            settings: ComponentSettings::default(),
            component: ComponentInfo {
                digest: Digest::from_sha256([0; 32]),
                size_in_bytes: 0,
                ports: links.iter().filter(|link| link.0 == name).map(|link| port(link.1)).collect(),
                producers: Vec::new(),
            },
        };
        let link = |(consumer, import, provider): &(&str, &str, &str)| Link {
            consumer: (*consumer).into(),
            import: (*import).to_owned(),
            target: LinkTarget::Component { name: (*provider).into(), export: (*import).to_owned() },
            why: why(),
            answers: Default::default(),
        };
        Plan {
            nodes: ["app", "other"].map(node).into(),
            links: links.iter().map(link).collect(),
            ..Plan::default()
        }
    }

    fn why() -> Why {
        Why { rule: Rule::SameName, import_version: None, export_version: None, not_taken: Vec::new() }
    }

    fn port(name: &str) -> Port {
        let function = |name: &str| Function {
            name: name.to_owned(),
            kind: FunctionKind::Freestanding,
            is_async: false,
            params: Vec::new(),
            result: None,
            docs: None,
        };
        let functions = vec![function("run"), function("[method]counter.inc")];
        Port {
            implements: None,
            direction: Direction::Import,
            name: name.to_owned(),
            kind: PortKind::Instance { functions, types: Vec::new(), resources: Vec::new() },
            docs: None,
        }
    }

    /// The link, the function and the condition of a breakpoint.
    fn broken(text: &str) -> Result<(String, Option<String>, Option<String>), Error> {
        let Intervention { site, function, condition, .. } = hold(&plan(), text)?;
        let ProbeSite::Link { consumer, import } = site else { panic!("a link") };
        Ok((format!("{consumer}/{import}"), function, condition))
    }

    #[test]
    fn a_link_has_many_names() {
        for name in [
            "app/math:ops/square@0.2.0",
            "app/math:ops/square",
            "app/square",
            "app->square",
            "math:ops/square@0.2.0",
            "math:ops/square",
            "square",
        ] {
            let link = "app/math:ops/square@0.2.0".to_owned();
            assert_eq!(broken(name), Ok((link.clone(), None, None)), "{name}");
            let function = format!("{name}:run if args.x > 3");
            let run = Some("run".to_owned());
            assert_eq!(broken(&function), Ok((link.clone(), run, Some("args.x > 3".into()))), "{function}");
            let method = Some("[method]counter.inc".to_owned());
            assert_eq!(broken(&format!("{name}:counter.inc")), Ok((link, method, None)), "{name}");
        }
    }

    #[test]
    fn what_means_no_link_or_several_is_told_what_there_is() {
        let error = broken("root").unwrap_err();
        assert_eq!(error.message, "`root` means more than one link");
        let help = "the links are:\napp/math:ops/root  (-> root)\nother/math:ops/root  (-> root)";
        assert_eq!(error.help.as_deref(), Some(help));
        let error = broken("app->nobody").unwrap_err();
        assert!(error.help.is_some_and(|help| help.contains("app/log  (-> logger)")), "{}", error.message);
        for wanted in ["square:stop", "app->square#stop", "app/math:ops/square@0.2.0:stop"] {
            let error = broken(wanted).unwrap_err();
            let name = wanted.trim_end_matches("stop").trim_end_matches([':', '#']);
            assert_eq!(error.message, format!("the link `{name}` has no function `stop`"));
            assert_eq!(error.help.as_deref(), Some("its functions are `run`, `counter.inc`"));
        }
    }

    #[test]
    fn delays_are_fixed_or_between_two_times() {
        let of = |text: &str| delay(&plan(), text, 7).map(|intervention| intervention.action);
        let expected = |min_millis, max_millis| Ok(Action::Delay { min_millis, max_millis, seed: 7 });
        assert_eq!(of("square=20"), expected(20, 20));
        assert_eq!(of("app->square=20ms"), expected(20, 20));
        assert_eq!(of("app/log=5..50"), expected(5, 50));
        for text in ["square", "square=", "square=x", "square=9..5", "nobody=5"] {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn failures_have_a_value_and_a_share() {
        let of = |text: &str| fail(&plan(), text, 7).map(|intervention| intervention.action);
        let expected = |value: Option<&str>, parts_per_million| {
            Ok(Action::Fail { value: value.map(str::to_owned), parts_per_million, seed: 7 })
        };
        assert_eq!(of("square"), expected(None, 1_000_000));
        assert_eq!(of("square@25"), expected(None, 250_000));
        assert_eq!(of("app/math:ops/square@0.2.0@0.5%"), expected(None, 5_000));
        assert_eq!(of("app/math:ops/square@0.2.0"), expected(None, 1_000_000));
        assert_eq!(of("log=err(\"a=b\")@10"), expected(Some("err(\"a=b\")"), 100_000));
        for text in ["square@101", "square@-1", "nobody"] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
