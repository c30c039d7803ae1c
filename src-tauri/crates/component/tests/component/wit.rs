//! Components as WIT text.

use jackfield_component::wit::text;
use wit_parser::PackageMetadata;

use crate::support::{from_wat, from_wit, parse_wit, read, with_section};

const SHOP: &str = r#"
    package acme:shop@1.0.0;
    /// What there is.
    interface types {
        /// A thing.
        record item { name: string, /** In grams. */ weight: u32 }
        type items = list<item>;
        type goods = items;
        flags rights { read, write }
        enum %enum { %list, other }
        resource shelf {
            /// An empty one.
            constructor(rights: rights);
            find: func(name: string) -> result<item, string>;
            merge: static func(a: shelf, b: borrow<shelf>) -> shelf;
            wait: async func() -> future<u8>;
        }
    }
    interface stock {
        use types.{item, shelf as rack};
        variant answer { none, some(item), racks(list<rack>) }
        /// All of it.
        all: func() -> tuple<answer, result<_, rack>>;
        hold: func(rack: borrow<rack>, m: map<string, u8>, f: list<u8, 4>, s: stream<item>) -> error-context;
    }
    world shop {
        import types;
        use types.{item};
        record local { item: item }
        resource door { constructor(); open: func(); }
        import log: func(item: item, local: local);
        import inline: interface { enum e { a } get: func() -> e; }
        export stock;
        export run: async func(%type: local);
    }
"#;

#[test]
fn look() {
    let (resolve, package, _) = parse_wit(SHOP);
    let section = PackageMetadata::extract(&resolve, package).encode().expect("encoded docs");
    let bytes = with_section(from_wit(SHOP), "jackfield:package-docs", &section);
    println!("{}", text(&read(bytes)));
}
