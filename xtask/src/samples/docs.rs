//! Doc comments for the samples.
//!
//! A component's types do not say what its functions are for: the doc comments of its WIT are lost when
//! it is compiled. wit-parser defines a custom section that keeps them for encoded WIT packages
//! (`package-docs`). This puts the same content at the end of a component, about the package whose
//! interfaces it exports, under a name of Jackfield's own: under the original name, wit-parser's
//! `decode` and the tools over it would look for the documented interfaces in the component itself
//! and refuse it when they find only references.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wasm_encoder::{ComponentSection as _, CustomSection};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{PackageMetadata, PackageName, Resolve, WorldItem};

use crate::workspace::Workspace;

/// The section that `jackfield-component` reads.
const DOCS_SECTION: &str = "jackfield:package-docs";

/// The contents of the section for each package whose source is in this repository.
pub(super) struct Docs {
    by_package: BTreeMap<PackageName, Vec<u8>>,
}

impl Docs {
    /// Reads every WIT package of the project and of its samples.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let mut folders = folders_in(&workspace.root.join("wit"))?;
        folders.extend(folders_in(&workspace.samples())?.into_iter().map(|sample| sample.join("wit")));
        let mut by_package = BTreeMap::new();
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            let (name, section) = read_package(folder)
                .with_context(|| format!("cannot read the WIT in {}", folder.display()))?;
            by_package.insert(name, section);
        }
        Ok(Self { by_package })
    }

    /// Adds the section, if the component exports interfaces of a package that is known here.
    pub(super) fn add_to(&self, mut component: Vec<u8>) -> Result<Vec<u8>> {
        let exported = exported_packages(&component)?;
        let known: Vec<_> = exported.iter().filter_map(|name| self.by_package.get(name)).collect();
        match known.as_slice() {
            [] => {}
            [section] => {
                let data = Cow::Borrowed(section.as_slice());
                CustomSection { name: Cow::Borrowed(DOCS_SECTION), data }.append_to_component(&mut component);
            }
            _ => bail!("it exports interfaces of several packages, and the section describes one"),
        }
        Ok(component)
    }
}

fn folders_in(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(parent).with_context(|| format!("cannot list {}", parent.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn read_package(folder: &Path) -> Result<(PackageName, Vec<u8>)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder)?;
    let section = PackageMetadata::extract(&resolve, package).encode()?;
    let name = resolve.packages.get(package).context("the package is not in its own resolve")?.name.clone();
    Ok((name, section))
}

fn exported_packages(component: &[u8]) -> Result<BTreeSet<PackageName>> {
    let DecodedWasm::Component(resolve, world) = decode(component)? else {
        bail!("it is an encoded WIT package, not a component");
    };
    let world = resolve.worlds.get(world).context("the component has no world")?;
    let interfaces = world.exports.values().filter_map(|item| match item {
        WorldItem::Interface { id, .. } => resolve.interfaces.get(*id),
        _ => None,
    });
    let packages = interfaces.filter_map(|interface| resolve.packages.get(interface.package?));
    Ok(packages.map(|package| package.name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
    use wit_parser::{LiftLowerAbi, ManglingAndAbi};

    use super::*;

    const WIT: &str = "/// About the package.\npackage a:b;\n/// About the interface.\ninterface i {\n\
                       /// About the function.\nf: func();\n}\nworld w { export i; }\n";

    fn component(folder: &Path) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
    }

    #[test]
    fn the_section_is_that_of_the_exported_package() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.wit"), WIT).unwrap();
        let (name, section) = read_package(folder.path()).unwrap();
        let docs = Docs { by_package: BTreeMap::from([(name, section.clone())]) };

        let plain = component(folder.path());
        let documented = docs.add_to(plain.clone()).unwrap();

        assert!(documented.starts_with(&plain));
        assert!(documented.ends_with(&section));
        assert!(decode(&documented).is_ok(), "other tools can still read it");
        let text = String::from_utf8_lossy(&documented);
        for doc in ["About the package.", "About the interface.", "About the function."] {
            assert!(text.contains(doc), "{doc}");
        }
    }

    #[test]
    fn a_component_of_unknown_packages_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.wit"), WIT).unwrap();
        let plain = component(folder.path());
        let docs = Docs { by_package: BTreeMap::new() };
        assert_eq!(docs.add_to(plain.clone()).unwrap(), plain);
    }
}
