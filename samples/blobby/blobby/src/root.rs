//! The folder that holds everything, and what can be done in it by names alone.

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};

use crate::names;

/// The first folder that the component was given.
pub(crate) fn folder() -> Result<Descriptor, String> {
    let first = get_directories().into_iter().next();
    first.map(|(folder, _)| folder).ok_or_else(|| {
        "no folder to keep objects in: give this component a volume with `permissions.volumes`".to_owned()
    })
}

/// The path of an object below the folder.
pub(crate) fn path(container: &str, object: &str) -> String {
    format!("{}/{}", names::to_file(container), names::to_file(object))
}

pub(crate) fn text(error: ErrorCode) -> String {
    format!("the file system answered: {error}")
}

fn stat(path: &str) -> Result<Option<DescriptorStat>, String> {
    match folder()?.stat_at(PathFlags::empty(), path) {
        Ok(stat) => Ok(Some(stat)),
        Err(ErrorCode::NoEntry | ErrorCode::NotDirectory) => Ok(None),
        Err(error) => Err(text(error)),
    }
}

fn changed_at(stat: &DescriptorStat) -> u64 {
    stat.data_modification_timestamp.map_or(0, |time| time.seconds)
}

pub(crate) fn create_container(name: &str) -> Result<(), String> {
    folder()?.create_directory_at(&names::to_file(name)).map_err(|error| match error {
        ErrorCode::Exist => format!("there is a container `{name}` already"),
        error => text(error),
    })
}

pub(crate) fn has_container(name: &str) -> Result<bool, String> {
    Ok(stat(&names::to_file(name))?.is_some_and(|stat| stat.type_ == DescriptorType::Directory))
}

pub(crate) fn container_created_at(name: &str) -> Result<u64, String> {
    let stat = stat(&names::to_file(name))?.ok_or_else(|| format!("there is no container `{name}`"))?;
    Ok(changed_at(&stat))
}

pub(crate) fn delete_container(name: &str) -> Result<(), String> {
    list(name)?.iter().try_for_each(|object| delete_object(name, object))?;
    folder()?.remove_directory_at(&names::to_file(name)).map_err(text)
}

/// The names of a container's objects, in their order.
pub(crate) fn list(container: &str) -> Result<Vec<String>, String> {
    let flags = (OpenFlags::DIRECTORY, DescriptorFlags::READ);
    let opened = folder()?.open_at(PathFlags::empty(), &names::to_file(container), flags.0, flags.1);
    let entries = opened.and_then(|opened| opened.read_directory()).map_err(|error| match error {
        ErrorCode::NoEntry => format!("there is no container `{container}`"),
        error => text(error),
    })?;
    let mut found = Vec::new();
    while let Some(entry) = entries.read_directory_entry().map_err(text)? {
        found.extend(names::from_file(&entry.name).filter(|_| entry.type_ == DescriptorType::RegularFile));
    }
    found.sort();
    Ok(found)
}

/// When an object was written and how large it is; none if it is not there.
pub(crate) fn object(container: &str, object: &str) -> Result<Option<(u64, u64)>, String> {
    Ok(stat(&path(container, object))?.map(|stat| (changed_at(&stat), stat.size)))
}

pub(crate) fn delete_object(container: &str, object: &str) -> Result<(), String> {
    match folder()?.unlink_file_at(&path(container, object)) {
        Ok(()) | Err(ErrorCode::NoEntry) => Ok(()),
        Err(error) => Err(text(error)),
    }
}

pub(crate) fn rename(from: (&str, &str), to: (&str, &str)) -> Result<(), String> {
    let folder = folder()?;
    folder.rename_at(&path(from.0, from.1), &folder, &path(to.0, to.1)).map_err(text)
}
