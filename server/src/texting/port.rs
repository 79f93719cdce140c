//! What is asked of whoever takes texts.

use async_trait::async_trait;
use domain::words::Locale;
use jiff::Timestamp;

/// A text.
#[derive(Clone, Debug)]
pub struct Text {
    /// Ours: of the job that sends it.
    pub id: String,
    /// E.164: `+8613800000000`.
    pub to: String,
    /// `return_opened`, …
    pub occasion: &'static str,
    pub locale: Locale,
    /// What it says, where the platform takes words.
    pub body: String,
    /// What stands in a template's places, where it takes those: `rma`, `date`, `amount`, `shop`, `link`, by name.
    pub values: Vec<(&'static str, String)>,
    /// It was not sent before.
    pub since: Timestamp,
}

/// Why a text was not sent, or nobody knows whether it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// Not to this number, however often it is tried.
    #[error("{0}")]
    Permanent(String),
    /// It may go later; what was lost on the way may have gone.
    #[error("{0}")]
    Passing(String),
}

/// Whoever takes texts. None of them takes our name for one as a guard: before one is sent again it is looked for.
#[async_trait]
pub trait TextPort: Send + Sync {
    /// Sends it; their name for it.
    async fn send(&self, text: &Text) -> Result<String, NotSent>;

    /// Their name for it, where they have taken it already.
    async fn find(&self, text: &Text) -> Result<Option<String>, NotSent>;
}
