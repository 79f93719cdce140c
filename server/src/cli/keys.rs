//! `homebound key`.

use clap::Subcommand;
use server::compose;
use server::config::Config;
use server::secrets;
use server::store::{self, ApiKey, Scope};

use super::failure::Failure;
use super::say::say;

#[derive(Subcommand)]
pub enum Command {
    /// Make a key and print it, once. A key of the same name is replaced.
    #[command(after_help = "Example: homebound key add --name shop --scope write")]
    Add {
        /// Its name, for logs and timelines.
        #[arg(long)]
        name: String,
        /// What it may do: read, write or admin; each includes the one before.
        #[arg(long, value_parser = |text: &str| text.parse::<Scope>())]
        scope: Scope,
    },
    /// Names of all keys.
    #[command(after_help = "Example: homebound key list")]
    List,
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    match command {
        Command::Add { name, scope } => {
            let secret = format!("hb_{}", secrets::token());
            let key = ApiKey { digest: secrets::digest(&secret), name, scope };
            let now = services.clock.millis();
            services.store.write(move |mut conn| Box::pin(async move { store::add_api_key(&mut conn, &key, now).await })).await?;
            say(secret)?;
        }
        Command::List => {
            let mut read = services.store.read().await?;
            for name in store::names_of_api_keys(&mut read.conn()).await? {
                say(name)?;
            }
        }
    }
    Ok(())
}
