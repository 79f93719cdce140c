//! Passwords that were stolen elsewhere: a list that whoever runs the server keeps, as Have I Been Pwned hands it out. Nothing is asked of anybody else.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use sha1::{Digest, Sha1};

/// Digits of a digest, at the beginning of each line: SHA-1, in hexadecimal, is what the list is made of.
const DIGITS: usize = 40;
/// No line is longer: a digest, a colon, how often it was seen.
const LINE: usize = 128;

/// Whether a password is among the lines `DIGEST:count` of a file, which are sorted by digest.
pub fn is_among(file: &Path, password: &str) -> io::Result<bool> {
    let digest: String = Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
    let mut file = File::open(file)?;
    let (mut low, mut high) = (0, file.metadata()?.len());
    // The line that begins at or after a place, by halves.
    while low < high {
        let middle = low + (high - low) / 2;
        match line_from(&mut file, middle)? {
            Some(line) if line.as_str() < digest.as_str() => low = middle + 1,
            Some(line) if line == digest => return Ok(true),
            _ => high = middle,
        }
    }
    Ok(line_from(&mut file, low)?.is_some_and(|line| line == digest))
}

/// The digest of the first line that begins at or after a place.
fn line_from(file: &mut File, place: u64) -> io::Result<Option<String>> {
    // From the byte before it on: there a line ends where one begins at the place.
    let from = place.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let mut read = Vec::with_capacity(2 * LINE);
    file.take(2 * LINE as u64).read_to_end(&mut read)?;
    let begins = match place {
        0 => Some(0),
        _ => read.iter().position(|byte| *byte == b'\n').map(|end| end + 1),
    };
    let digits = begins.and_then(|begins| read.get(begins..begins + DIGITS));
    Ok(digits.map(|digits| String::from_utf8_lossy(digits).to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list");
        for count in [0, 1, 2, 3, 200] {
            let stolen: Vec<String> = (0..count).map(|number| format!("stolen password {number}")).collect();
            let mut lines: Vec<String> = stolen
                .iter()
                .enumerate()
                .map(|(place, password)| {
                    let digest: String = Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
                    format!("{digest}:{}", 10_u64.pow(place as u32 % 9))
                })
                .collect();
            lines.sort();
            for end in ["\n", "\r\n"] {
                std::fs::write(&file, lines.iter().map(|line| format!("{line}{end}")).collect::<String>()).unwrap();
                assert!(stolen.iter().all(|password| is_among(&file, password).unwrap()), "{count}");
                assert!(!(0..50).any(|number| is_among(&file, &format!("own password {number}")).unwrap()), "{count}");
            }
        }
        assert!(is_among(&folder.path().join("none"), "x").is_err());
    }
}
