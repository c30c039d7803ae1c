//! From the names of containers and objects to those of files and back.
//!
//! A name stays as it is where every file system takes it, so that people can read the folder; every other
//! character is written as `%` and two hexadecimal digits for each of its bytes. No name leads out of the folder.

use super::store::BlobError;

/// The longest name of a file that common file systems take, in bytes.
const MAX_FILE_NAME_IN_BYTES: usize = 255;

/// The file's name for a name. No two names have the same, and none begins with a dot.
pub(super) fn to_file(name: &str) -> Result<String, BlobError> {
    let last = name.chars().count().saturating_sub(1);
    let mut file = String::with_capacity(name.len());
    for (place, character) in name.chars().enumerate() {
        if is_plain(character, place == 0, place == last) {
            file.push(character);
        } else {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                file.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    if file.is_empty() {
        file.push('%');
    }
    if file.len() > MAX_FILE_NAME_IN_BYTES {
        return Err(BlobError::NameTooLong(name.to_owned()));
    }
    Ok(file)
}

/// The name that a file's name stands for; none if it is not one that [`to_file`] gives.
pub(super) fn from_file(file: &str) -> Option<String> {
    if file == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(file.len());
    let mut rest = file.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (to_file(&name).ok()? == file).then_some(name)
}

fn is_plain(character: char, is_first: bool, is_last: bool) -> bool {
    match character {
        '%' | '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => false,
        '.' => !is_first && !is_last,
        ' ' => !is_last,
        character => !character.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_people_use_stay_readable() {
        for (name, file) in [
            ("photo.jpg", "photo.jpg"),
            ("My Résumé (2).pdf", "My Résumé (2).pdf"),
            ("a/b", "a%2Fb"),
            ("..", "%2E%2E"),
            (".hidden", "%2Ehidden"),
            ("100%", "100%25"),
            ("", "%"),
        ] {
            assert_eq!(to_file(name).unwrap(), file);
            assert_eq!(from_file(file).as_deref(), Some(name));
        }
        for file in ["a%2fb", "%41", "%", "%ZZ", ".x", "%2"].into_iter().filter(|file| *file != "%") {
            assert_eq!(from_file(file), None, "{file}");
        }
        assert!(to_file(&"x".repeat(256)).is_err());
    }

    proptest! {
        #[test]
        fn every_name_comes_back_and_stays_in_its_folder(name in any::<String>()) {
            if let Ok(file) = to_file(&name) {
                prop_assert!(!file.contains(['/', '\\', '\0']) && !file.starts_with('.'));
                prop_assert_eq!(from_file(&file), Some(name));
            }
        }
    }
}
