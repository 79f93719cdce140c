//! Jobs: what the outbox holds, done one by one, each until it has worked.

/// What can be in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Mail: we have your return.
    MailReturnOpened,
    /// Mail: it was called off.
    MailReturnCancelled,
}

impl JobKind {
    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::MailReturnOpened => "mail.return_opened",
            Self::MailReturnCancelled => "mail.return_cancelled",
        }
    }
}
