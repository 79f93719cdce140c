//! What the pages show on which a shop words what customers are told.

use std::collections::BTreeMap;

use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;

use super::{Noted, Rail};
use crate::messages::{Part, TemplateOf};

/// Which words: an occasion's page is asked for them in its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageAsked {
    pub channel: Option<String>,
    pub language: Option<String>,
    /// The return to look at.
    pub rma: Option<String>,
    /// Words as they were once, to be used again.
    pub version: Option<String>,
}

/// `/staff/settings/messages`
#[derive(Clone, Debug)]
pub struct MessagesPage {
    pub rail: Rail,
    /// What has words of the shop's own.
    pub own: Vec<TemplateOf>,
}

/// `/staff/settings/messages/{occasion}`
#[derive(Clone, Debug)]
pub struct MessagePage {
    pub rail: Rail,
    pub of: TemplateOf,
    /// Languages that the shop speaks.
    pub languages: Vec<Locale>,
    /// What stands in the form.
    pub parts: BTreeMap<Part, String>,
    /// The version that it was when it was opened; 0: there is none.
    pub version: i64,
    /// It is not what the product says.
    pub is_own: bool,
    /// The inbox says what the mail of the shop's own says.
    pub follows_mail: bool,
    /// Texts go by a platform whose own templates say what they say.
    pub worded_elsewhere: bool,
    /// The return that is looked at, as typed or found.
    pub sample: Option<RmaNumber>,
    /// The latest first.
    pub versions: Vec<MessageVersion>,
    pub mistakes: Vec<Noted>,
}

/// Words as they were.
#[derive(Clone, Debug)]
pub struct MessageVersion {
    pub version: i64,
    pub by: String,
    pub at: Timestamp,
    /// The product's words came back.
    pub is_standard: bool,
}
