//! The real program on a database: started, waited for, and killed without a word.

use std::ffi::OsStr;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use server::secrets;
use server::store::{self, ApiKey, Scope, StoreError};

use crate::command_line::{free_address, program, version};
use crate::databases::Database;

/// A server that runs. It is killed at the latest when it goes out of scope.
pub struct Serving {
    child: Child,
    pub base: String,
    log: PathBuf,
}

impl Serving {
    /// Starts it; it may not answer yet.
    pub fn start(database: &Database) -> Self {
        Self::with(database, &[])
    }

    /// The same with settings of its own.
    pub fn with(database: &Database, settings: &[(&str, &str)]) -> Self {
        Self::of(&program(), database, settings)
    }

    /// The same of another version.
    pub fn of(program: &OsStr, database: &Database, settings: &[(&str, &str)]) -> Self {
        let address = free_address();
        let log = File::options().create(true).append(true).open(log_of(database)).unwrap();
        let child = version(program, database.folder.path(), &["serve"])
            .env("HOMEBOUND_LISTEN", address.to_string())
            .env("HOMEBOUND_DATABASE_URL", &database.address)
            .env("HOMEBOUND_LIMITS__REQUESTS_PER_SECOND", "100000")
            .env("HOMEBOUND_LIMITS__BURST", "100000")
            // Everybody comes from one address, and a try under way when a server is killed stays counted.
            .env("HOMEBOUND_LIMITS__LOOKUPS_PER_ADDRESS", "100000")
            .env("HOMEBOUND_PUBLIC_URL", "https://returns.example")
            .env("HOMEBOUND_CLIENT_ADDRESS_HEADER", "x-forwarded-for")
            // How long a statement took says more of the machine than of the server.
            .env("HOMEBOUND_LOG_FILTER", "warn,sqlx::query=error")
            .env("NO_COLOR", "1")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, base: format!("http://{address}"), log: log_of(database) }
    }

    /// Waits until it answers.
    pub async fn ready(&self) {
        for _ in 0..600 {
            if reqwest::get(format!("{}/readyz", self.base)).await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server did not start: {}", std::fs::read_to_string(&self.log).unwrap_or_default());
    }

    /// Number of the process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, as a service manager sends it: waits until it has ended, and answers whether it did as it should.
    pub fn terminate(mut self) -> bool {
        let told = std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().success()
    }

    /// SIGKILL: no time to finish or tidy anything.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What servers on a database complained about: panics, errors and warnings.
pub fn complaints(database: &Database) -> Vec<String> {
    std::fs::read_to_string(log_of(database)).unwrap().lines().map(str::to_owned).collect()
}

fn log_of(database: &Database) -> PathBuf {
    database.folder.path().join("servers.log")
}

/// A key for machines, made behind the server's back.
pub async fn key(database: &Database) -> String {
    key_for(database, "torture", Scope::Write).await
}

/// Likewise, by a name and for a scope of its own.
pub async fn key_for(database: &Database, name: &str, scope: Scope) -> String {
    let secret = format!("hb_{}", secrets::token());
    let key = ApiKey { digest: secrets::digest(&secret), name: name.to_owned(), scope };
    let added = database.store.write(move |mut conn| Box::pin(async move { store::add_api_key(&mut conn, &key, None, 0).await }));
    added.await.map_err(|error: StoreError| error).unwrap();
    secret
}
