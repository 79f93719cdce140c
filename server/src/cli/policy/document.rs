//! Policies as a command line names them.

use std::path::Path;

use domain::policy::PolicyProblem;
use domain::words::Locale;

use super::super::failure::Failure;
use super::super::say::warn;

pub fn no_version(version: i64) -> Failure {
    Failure::Other(format!("there is no policy version {version}; `homebound policy list` names those there are"))
}

/// A file's text, without the mark that Windows puts before it.
pub fn text_of(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file).map_err(|error| Failure::File(file.to_owned(), error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::Other(format!("{} is not written in UTF-8: save it so, and try again", file.display())))?;
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

/// Says what is wrong with a policy, which is a failure.
pub fn tell<T>(file: &Path, problems: &[PolicyProblem]) -> Result<T, Failure> {
    for problem in problems {
        warn(format_args!("{}:{problem}", file.display()));
    }
    let plural = if problems.len() == 1 { "" } else { "s" };
    warn(format_args!("{} mistake{plural}; nothing was published", problems.len()));
    Err(Failure::Said)
}

/// A language of ours.
pub fn locale(text: &str) -> Result<Locale, String> {
    text.parse().map_err(|()| format!("`{text}` is no language of ours: {}", Locale::ALL.map(Locale::tag).join(", ")))
}
