//! What is found.

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The shop works; somebody should see to it.
    Warning,
    /// Something is lost, wrong, or does not work.
    Error,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Names the kind of it, for machines.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub text: String,
    /// What mends it: a command, or a setting.
    pub mend: String,
    /// It was mended just now.
    pub mended: bool,
}

impl Finding {
    pub(super) fn warning(code: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { code, severity: Severity::Warning, text: text.into(), mend: mend.into(), mended: false }
    }

    pub(super) fn error(code: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Error, ..Self::warning(code, text, mend) }
    }
}
