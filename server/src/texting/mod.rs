//! Texts: short messages to phones, by whoever takes those to a number; where nobody is named they are only noted in the log.

mod aliyun;
mod port;
mod segments;
mod twilio;

use std::sync::Arc;

use crate::config::{Config, TextsBy};
pub use port::{NotSent, Text, TextPort};
pub use segments::{Encoding, Segments, segments};
pub use twilio::{OURS, TOLD_AT, is_twilios};

/// Who takes texts, by how a number begins.
pub struct Texting {
    /// The longest beginning first.
    routes: Vec<(String, Arc<dyn TextPort>)>,
}

impl Texting {
    /// As the settings say.
    pub fn of(config: &Config) -> Self {
        let settings = &config.sms;
        let mut routes: Vec<(String, Arc<dyn TextPort>)> = Vec::new();
        for (beginning, by) in &settings.routes {
            let port: Option<Arc<dyn TextPort>> = match by {
                TextsBy::Twilio => twilio::Twilio::of(&settings.twilio, &config.public_url).map(|twilio| Arc::new(twilio) as _),
                TextsBy::Aliyun => aliyun::Aliyun::of(&settings.aliyun).map(|aliyun| Arc::new(aliyun) as _),
                TextsBy::Log => Some(Arc::new(LogOnly)),
            };
            routes.extend(port.map(|port| (beginning.clone(), port)));
        }
        routes.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.len()));
        Self { routes }
    }

    /// Who takes a text to that number (E.164); nobody where no beginning fits.
    pub fn to(&self, number: &str) -> Option<Arc<dyn TextPort>> {
        self.routes.iter().find(|(beginning, _)| number.starts_with(beginning.as_str())).map(|(_, port)| port.clone())
    }
}

/// Notes in the log that a text would go, and to nobody's number.
struct LogOnly;

#[async_trait::async_trait]
impl TextPort for LogOnly {
    async fn send(&self, text: &Text) -> Result<String, NotSent> {
        let segments = segments(&text.body);
        tracing::info!(occasion = text.occasion, segments = segments.count, encoding = ?segments.encoding, "a text, only noted here");
        Ok(format!("log-{}", text.id))
    }

    async fn find(&self, _: &Text) -> Result<Option<String>, NotSent> {
        Ok(None)
    }
}
