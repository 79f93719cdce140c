//! The label of a return, drawn when it is asked for.

use app::format::Format;
use app::say::Say;
use domain::returns::Return;
use domain::words::Locale;

use super::Services;
use crate::labels::{Label, LabelError, LabelSize, label_pdf};
use crate::store::StoreError;

/// Why there is no label.
#[derive(Debug, thiserror::Error)]
pub enum NoLabel {
    /// The return has none.
    #[error("this return has no label")]
    None,
    /// It cannot be drawn.
    #[error(transparent)]
    Drawing(#[from] LabelError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

impl Services {
    /// The label in a reader's language, as PDF.
    pub async fn label_pdf(&self, request: &Return, locale: Locale, size: LabelSize) -> Result<Vec<u8>, NoLabel> {
        let say = Say::new(Format::new(locale, self.shop_zone(), self.clock.now()));
        let label = Label::of(request, &self.config, say).ok_or(NoLabel::None)?;
        // Fonts and shapes take milliseconds: other requests go on meanwhile.
        let drawn = tokio::task::spawn_blocking(move || label_pdf(&label, size)).await;
        drawn.map_err(|_| NoLabel::Stopping)?.map_err(NoLabel::from)
    }
}
