//! The worlds outside: the mail server, and the way a visitor comes.

use std::time::Duration;

use serde_json::Value;

use super::finding::Finding;
use crate::asking::client;
use crate::config::Config;
use crate::log::chain;
use crate::mailer::Mailer;
use crate::services::Services;
use crate::store::{self, StoreError};

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Milliseconds in which a server that was asked has written that it was; it looks once a second at most.
const RECENT: i64 = 5_000;

/// Greets the mail server and signs in; no mail is sent.
pub(super) async fn mail(config: &Config) -> Option<Finding> {
    let mend = "see to smtp_url, and to whoever runs that server";
    if config.smtp_url.is_none() {
        let folder = config.data_dir.join("mail");
        let text = format!("mails are written into {}, and reach nobody", folder.display());
        return (!config.demo).then(|| Finding::warning("mail_unset", text, "set smtp_url"));
    }
    let greeted = match Mailer::new(config) {
        Ok(mailer) => mailer.greet().await,
        Err(error) => Err(error),
    };
    greeted.err().map(|error| Finding::error("mail", chain(&error), mend))
}

/// Asks by the public address whether the server is ready, and looks into the database whether it was this one that was asked.
pub(super) async fn public_address(services: &Services) -> Result<Option<Finding>, StoreError> {
    let address = format!("{}/readyz", services.config.public_url.trim_end_matches('/'));
    let began = services.clock.millis();
    let asked = async {
        let client = client(PATIENCE).build()?;
        client.get(&address).send().await?.text().await
    };
    let mend = "see to public_url, DNS, the proxy and its certificate; and that `homebound serve` runs";
    let answer = match asked.await {
        Ok(answer) => answer,
        Err(error) => return Ok(Some(Finding::error("public_url", format!("{address}: {}", chain(&error)), mend))),
    };
    let ready = serde_json::from_str::<Value>(&answer).ok().and_then(|answer| answer["ready"].as_bool());
    let mut read = services.store.read().await?;
    let seen = store::counter(&mut read.conn(), "ready").await?;
    Ok(match ready {
        None => Some(Finding::error("public_url", format!("{address} is answered, and not by this program"), mend)),
        Some(_) if seen < began - RECENT => {
            Some(Finding::error("public_url", format!("{address} is answered by a server on another database"), mend))
        }
        Some(false) => Some(Finding::error("not_ready", format!("{address}: {answer}"), "the server's log says why")),
        Some(true) => None,
    })
}
