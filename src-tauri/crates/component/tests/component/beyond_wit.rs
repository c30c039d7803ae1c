//! Valid components that WIT cannot write down. `wit_parser::decode` refuses most of these, panics on
//! others, and on packages in a circle it overflows the stack; here they must be read.

use jackfield_component::ReadProblem;
use jackfield_protocol::{Direction, PortKind};

use crate::support::{from_wat, function, port, port_names, read, refusal, type_names};

pub(crate) const CIRCLE: &str = r#"(component
            (import "a:a/x" (instance $x (type $t (record (field "n" u8))) (export "t" (type (eq $t)))))
            (alias export $x "t" (type $t))
            (import "b:b/y" (instance $y
                (alias outer 1 $t (type $t))
                (export "u" (type (eq $t)))
            ))
            (alias export $y "u" (type $u))
            (import "a:a/z" (instance
                (alias outer 1 $u (type $u))
                (export "v" (type $v (eq $u)))
                (export "f" (func (param "p" $v)))
            ))
        )"#;

pub(crate) const METHODS_OF_ANOTHER: &str = r#"(component
            (import "a:a/x" (instance $x (export "r" (type (sub resource)))))
            (alias export $x "r" (type $r))
            (import "a:a/y" (instance
                (alias outer 1 $r (type $r))
                (export "s" (type $s (eq $r)))
                (export "[method]s.m" (func (param "self" (borrow $s))))
            ))
        )"#;

#[test]
fn packages_that_use_one_another_in_a_circle() {
    let component = read(from_wat(CIRCLE));
    let z = port(component.info(), Direction::Import, "a:a/z");
    assert_eq!(function(z, "f").signature(), "f: func(p: v)");
}

#[test]
fn types_exported_from_the_world() {
    let component = read(from_wat(
        r#"(component
            (type $r (record (field "n" u8)))
            (export $e "point" (type $r))
            (import "f" (func $f (param "p" u8)))
            (export "g" (func $f))
        )"#,
    ));
    assert_eq!(port_names(component.info()), ["import f", "export point", "export g"]);
    assert_eq!(port(component.info(), Direction::Export, "point").kind, PortKind::Type);
}

#[test]
fn instances_within_instances() {
    let component = read(from_wat(
        r#"(component
            (import "a" (instance
                (export "inner" (instance (export "f" (func))))
                (type $t (func))
                (export "t" (type (eq $t)))
                (export "g" (func))
            ))
        )"#,
    ));
    let a = port(component.info(), Direction::Import, "a");
    assert_eq!(a.functions().len(), 1);
    assert_eq!(type_names(a), ["t"]);
}

#[test]
fn methods_of_a_resource_that_another_interface_defines() {
    let component = read(from_wat(METHODS_OF_ANOTHER));
    let y = port(component.info(), Direction::Import, "a:a/y");
    assert_eq!(function(y, "[method]s.m").signature(), "s.m: func(self: borrow<s>)");
}

#[test]
fn functions_named_like_interfaces() {
    let component = read(from_wat(r#"(component (import "a:b/c@1.0.0" (func (result u8))))"#));
    let c = port(component.info(), Direction::Import, "a:b/c@1.0.0");
    assert_eq!(c.functions()[0].result.as_deref(), Some("u8"));
}

#[test]
fn the_same_instance_exported_twice() {
    let component = read(from_wat(
        r#"(component
            (import "a:a/x" (instance $x
                (export "r" (type $r (sub resource)))
                (export "f" (func (result (own $r))))
            ))
            (export "a:a/y" (instance $x))
            (export "a:a/z" (instance $x))
        )"#,
    ));
    for name in ["a:a/y", "a:a/z"] {
        let exported = port(component.info(), Direction::Export, name);
        assert_eq!(function(exported, "f").signature(), "f: func() -> own<r>");
    }
}

#[test]
fn imports_that_no_link_can_satisfy_are_refused() {
    for import in ["(import \"m\" (core module))", "(import \"m\" (component))"] {
        let problem = refusal(from_wat(&format!("(component {import})")));
        assert!(matches!(&problem, ReadProblem::UnlinkableImport { import } if import == "m"), "{problem}");
    }
    let exported = read(from_wat("(component (core module $m) (export \"m\" (core module $m)))"));
    assert_eq!(exported.info().ports, []);
}

/// Types may share their parts, so that two hundred bytes describe a type of many megabytes.
#[test]
fn types_that_would_take_too_long_to_print_are_refused() {
    let name = "n".repeat(50_000);
    let mut wat =
        format!("(component (type $r (record (field \"x\" u8))) (import \"{name}\" (type $t0 (eq $r)))");
    for level in 1..=10 {
        let part = format!("$t{} ", level - 1);
        wat += &format!("(type $t{level} (tuple {}))", part.repeat(3));
    }
    wat += "(import \"f\" (func (param \"p\" $t10))))";
    assert!(matches!(refusal(from_wat(&wat)), ReadProblem::TypesTooLong));
}
