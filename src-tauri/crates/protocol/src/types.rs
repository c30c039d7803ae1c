//! The types of values, as WIT has them.
//!
//! Types share their parts, so they are the nodes of a [`TypeGraph`] and name one another by
//! [`TypeId`]. In a graph every type comes after the types that it is made of, and none is nested
//! deeper than [`TypeGraph::MAX_DEPTH`]: there are no circles, and walking down a type needs no
//! bookkeeping. Both hold for graphs from JSON, too.

use serde::{Deserialize, Serialize};

/// A type's place in its [`TypeGraph`]. Ids of different graphs have nothing to do with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeId(u32);

/// The types of a component, or of as much of it as somebody needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TypeDef>", into = "Vec<TypeDef>")]
pub struct TypeGraph {
    defs: Vec<TypeDef>,
    /// How deep each of `defs` is nested; 1 is a type without parts.
    depths: Vec<usize>,
}

/// A type that is made of types which its graph does not have, or that is nested too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadType;

impl std::fmt::Display for BadType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "a type must come after the types that it is made of, and be nested at most {} levels deep",
            TypeGraph::MAX_DEPTH
        )
    }
}

impl std::error::Error for BadType {}

impl TypeGraph {
    /// How deep a type may be nested. Components have at most 100 levels, by their validation.
    pub const MAX_DEPTH: usize = 128;

    /// Adds a type.
    ///
    /// # Errors
    /// [`BadType`], if its parts are not here yet or are nested too deep already.
    pub fn add(&mut self, def: TypeDef) -> Result<TypeId, BadType> {
        let id = TypeId(u32::try_from(self.defs.len()).map_err(|_| BadType)?);
        let mut depth = 1;
        for part in def.kind.parts() {
            let below = self.depths.get(part.0 as usize).ok_or(BadType)?;
            depth = depth.max(below + 1);
        }
        if depth > Self::MAX_DEPTH {
            return Err(BadType);
        }
        self.defs.push(def);
        self.depths.push(depth);
        Ok(id)
    }

    /// The type of this id; none if the id is another graph's.
    #[must_use]
    pub fn get(&self, id: TypeId) -> Option<&TypeDef> {
        self.defs.get(id.0 as usize)
    }

    /// What kind of type it is. An id of another graph stands for [`TypeKind::ErrorContext`], of
    /// which nobody can write a value.
    #[must_use]
    pub fn kind(&self, id: TypeId) -> &TypeKind {
        self.get(id).map_or(&TypeKind::ErrorContext, |def| &def.kind)
    }

    /// How many types there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.defs.len()
    }

    /// Whether there are no types.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.defs.is_empty()
    }
}

impl TryFrom<Vec<TypeDef>> for TypeGraph {
    type Error = BadType;

    fn try_from(defs: Vec<TypeDef>) -> Result<Self, BadType> {
        let mut graph = Self::default();
        for def in defs {
            graph.add(def)?;
        }
        Ok(graph)
    }
}

impl From<TypeGraph> for Vec<TypeDef> {
    fn from(graph: TypeGraph) -> Self {
        graph.defs
    }
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TypeDef {
    /// What the interface at hand calls it; none for types without a name, as `list<u8>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The doc comment in WIT, if the component carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// What it is.
    pub kind: TypeKind,
}

impl From<TypeKind> for TypeDef {
    fn from(kind: TypeKind) -> Self {
        Self { name: None, docs: None, kind }
    }
}

/// What a type is: a case for each of WIT's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum TypeKind {
    /// `bool`.
    Bool,
    /// `u8` to `s64`.
    Integer(Integer),
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `char`: a Unicode scalar value.
    Char,
    /// `string`.
    String,
    /// `error-context`.
    ErrorContext,
    /// `list<element>`.
    List(TypeId),
    /// `list<element, length>`.
    FixedLengthList {
        /// The type of each element.
        element: TypeId,
        /// How many there are.
        length: u32,
    },
    /// `map<key, value>`.
    Map {
        /// The keys' type: WIT allows `bool`, integers, `char` and `string`.
        key: TypeId,
        /// The values' type.
        value: TypeId,
    },
    /// `option<…>`.
    Option(TypeId),
    /// `result<ok, err>`.
    Result {
        /// What comes with `ok`.
        ok: Option<TypeId>,
        /// What comes with `err`.
        err: Option<TypeId>,
    },
    /// `tuple<…>`.
    Tuple(Vec<TypeId>),
    /// `record { … }`.
    Record(Vec<Field>),
    /// `variant { … }`.
    Variant(Vec<Case>),
    /// `enum { … }`.
    Enum(Vec<Label>),
    /// `flags { … }`.
    Flags(Vec<Label>),
    /// An owned handle to the resource of this name.
    Own(String),
    /// A borrowed handle to the resource of this name.
    Borrow(String),
    /// `stream<…>`.
    Stream(Option<TypeId>),
    /// `future<…>`.
    Future(Option<TypeId>),
}

impl TypeKind {
    /// The types that it is made of, in the order of WIT.
    #[must_use]
    pub fn parts(&self) -> Vec<TypeId> {
        match self {
            Self::List(part) | Self::FixedLengthList { element: part, .. } | Self::Option(part) => {
                vec![*part]
            }
            Self::Map { key, value } => vec![*key, *value],
            Self::Result { ok, err } => ok.iter().chain(err).copied().collect(),
            Self::Tuple(parts) => parts.clone(),
            Self::Record(fields) => fields.iter().map(|field| field.ty).collect(),
            Self::Variant(cases) => cases.iter().filter_map(|case| case.ty).collect(),
            Self::Stream(part) | Self::Future(part) => part.iter().copied().collect(),
            _ => Vec::new(),
        }
    }

    /// WIT's word for it: `u8`, `record`, `list`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Integer(integer) => integer.word(),
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Char => "char",
            Self::String => "string",
            Self::ErrorContext => "error-context",
            Self::List(_) | Self::FixedLengthList { .. } => "list",
            Self::Map { .. } => "map",
            Self::Option(_) => "option",
            Self::Result { .. } => "result",
            Self::Tuple(_) => "tuple",
            Self::Record(_) => "record",
            Self::Variant(_) => "variant",
            Self::Enum(_) => "enum",
            Self::Flags(_) => "flags",
            Self::Own(_) => "own",
            Self::Borrow(_) => "borrow",
            Self::Stream(_) => "stream",
            Self::Future(_) => "future",
        }
    }
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// The doc comment in WIT, if the component carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// A case of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Case {
    /// Its name.
    pub name: String,
    /// What comes with it.
    pub ty: Option<TypeId>,
    /// The doc comment in WIT, if the component carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// A case of an enum, or one of the flags of `flags`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Label {
    /// Its name.
    pub name: String,
    /// The doc comment in WIT, if the component carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// WIT's integer types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integer {
    /// 8 bits, without a sign.
    U8,
    /// 8 bits, with a sign.
    S8,
    /// 16 bits, without a sign.
    U16,
    /// 16 bits, with a sign.
    S16,
    /// 32 bits, without a sign.
    U32,
    /// 32 bits, with a sign.
    S32,
    /// 64 bits, without a sign.
    U64,
    /// 64 bits, with a sign.
    S64,
}

impl Integer {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::U8, Self::S8, Self::U16, Self::S16, Self::U32, Self::S32, Self::U64, Self::S64];

    /// WIT's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::S8 => "s8",
            Self::U16 => "u16",
            Self::S16 => "s16",
            Self::U32 => "u32",
            Self::S32 => "s32",
            Self::U64 => "u64",
            Self::S64 => "s64",
        }
    }

    /// The smallest value.
    #[must_use]
    pub fn min(self) -> i128 {
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::U64 => 0,
            Self::S8 => i8::MIN.into(),
            Self::S16 => i16::MIN.into(),
            Self::S32 => i32::MIN.into(),
            Self::S64 => i64::MIN.into(),
        }
    }

    /// The largest value.
    #[must_use]
    pub fn max(self) -> i128 {
        match self {
            Self::U8 => u8::MAX.into(),
            Self::S8 => i8::MAX.into(),
            Self::U16 => u16::MAX.into(),
            Self::S16 => i16::MAX.into(),
            Self::U32 => u32::MAX.into(),
            Self::S32 => i32::MAX.into(),
            Self::U64 => u64::MAX.into(),
            Self::S64 => i64::MAX.into(),
        }
    }

    /// Whether a JSON number may be too coarse for it: many programs read those as `f64`.
    #[must_use]
    pub fn is_wide(self) -> bool {
        matches!(self, Self::U64 | Self::S64)
    }
}

/// What a function takes and gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FunctionTypes {
    /// The parameters, a method's `self` included.
    pub params: Vec<ParamType>,
    /// The result's type, if there is a result.
    pub result: Option<TypeId>,
}

/// A parameter of a function, and its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ParamType {
    /// Its name in WIT.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_survives_json() {
        let mut graph = TypeGraph::default();
        let byte = graph.add(TypeKind::Integer(Integer::U8).into()).expect("a type");
        let list = graph.add(TypeKind::List(byte).into()).expect("a type");
        let field = Field { name: "data".into(), ty: list, docs: None };
        let record = TypeDef {
            name: Some("packet".into()),
            docs: Some("Bytes.".into()),
            kind: TypeKind::Record(vec![field]),
        };
        graph.add(record).expect("a type");
        let json = serde_json::to_string(&graph).expect("JSON");
        assert_eq!(
            json,
            r#"[{"kind":{"integer":"u8"}},{"kind":{"list":0}},{"name":"packet","docs":"Bytes.","kind":{"record":[{"name":"data","ty":1}]}}]"#
        );
        assert_eq!(serde_json::from_str::<TypeGraph>(&json).expect("a graph"), graph);
    }

    #[test]
    fn circles_and_towers_are_refused() {
        let circle = r#"[{"kind":{"list":0}}]"#;
        assert!(serde_json::from_str::<TypeGraph>(circle).is_err());
        let mut graph = TypeGraph::default();
        let mut top = graph.add(TypeKind::Bool.into()).expect("a type");
        for _ in 1..TypeGraph::MAX_DEPTH {
            top = graph.add(TypeKind::Option(top).into()).expect("a type");
        }
        assert_eq!(graph.add(TypeKind::Option(top).into()), Err(BadType));
        assert_eq!(graph.len(), TypeGraph::MAX_DEPTH);
    }
}
