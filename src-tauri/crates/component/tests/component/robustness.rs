//! Whatever bytes come, there is an answer and never a panic.

use std::sync::LazyLock;

use jackfield_component::schema::input_schema;
use jackfield_component::{ReadProblem, exported_functions, read_bytes};
use proptest::prelude::*;

use crate::support::{from_wit, with_section};

static COMPONENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let component = from_wit(
        r"
        package acme:shop@1.0.0;
        interface stock {
            record item { name: string, tags: list<string> }
            variant answer { none, some(item) }
            flags rights { read, write }
            resource shelf {
                constructor(rights: rights);
                find: func(name: string) -> result<answer, string>;
            }
        }
        world shop {
            import stock;
            import watch: async func() -> stream<u8>;
            export stock;
        }
        ",
    );
    with_section(
        component,
        "jackfield:package-docs",
        b"\x01{\"interfaces\":{\"stock\":{\"docs\":\"Stock.\"}}}",
    )
});

#[test]
fn every_truncation_has_an_answer() {
    let mut otherwise_broken = 0;
    for len in 2..COMPONENT.len() {
        match read_bytes(COMPONENT[..len].to_vec()) {
            // Cut between two sections, it can be a component with fewer exports.
            Ok(component) => assert_eq!(component.info().size_in_bytes, len as u64),
            Err(error) if matches!(error.problem, ReadProblem::CutOff { .. }) => {}
            Err(_) => otherwise_broken += 1,
        }
    }
    assert!(otherwise_broken * 100 < COMPONENT.len(), "{otherwise_broken} of {}", COMPONENT.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn flipped_bytes_have_an_answer(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
    ) {
        let mut bytes = COMPONENT.clone();
        for (index, value) in flips {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        let Ok(component) = read_bytes(bytes) else { return Ok(()) };
        for (port, function) in exported_functions(component.info()) {
            let signature = component.signature(port, function).expect("a signature");
            prop_assert_eq!(input_schema(signature).is_ok(), signature.check_callable().is_ok());
        }
    }

    #[test]
    fn moved_pieces_have_an_answer(
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        len in 1_usize..64,
    ) {
        let mut bytes = COMPONENT.clone();
        let from = from.index(bytes.len());
        let piece: Vec<u8> = bytes.iter().skip(from).take(len).copied().collect();
        let to = to.index(bytes.len());
        bytes.splice(to..to, piece);
        let _ = read_bytes(bytes);
    }

    #[test]
    fn any_bytes_behind_a_header_have_an_answer(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        bytes.extend(tail);
        let _ = read_bytes(bytes);
    }
}
