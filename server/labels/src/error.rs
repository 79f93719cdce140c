//! Why there is no PDF of a label.

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// A parcel's number that no bar code of this size can hold.
    #[error("the parcel number `{0}` does not fit into the label's bar code")]
    TrackingNumber(String),
    /// An address that no QR code of this size can hold.
    #[error("the address `{0}` is too long for the label's QR code: choose a shorter public_url")]
    Address(String),
    /// The PDF could not be written.
    #[error("the label's PDF cannot be written: {0}")]
    Pdf(String),
}
