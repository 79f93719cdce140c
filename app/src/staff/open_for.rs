//! A return that is opened for a customer.

/// How a customer asks somebody at work (C2).
pub const CHANNELS: [&str; 4] = ["phone", "chat", "counter", "email"];

/// A return that is opened for a customer: its form.
pub struct OpenFor;

impl OpenFor {
    pub const ORDER: &str = "order";
    pub const CHANNEL: &str = "channel";
    pub const PROOF: &str = "proof";
}
