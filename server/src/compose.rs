//! Puts the server together: the one place that knows every adapter.

use std::io;
use std::sync::Arc;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::Notify;

use crate::carriers::{Carrier, OwnLabels};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::gateways;
use crate::jobs::Worker;
use crate::kept::{self, SecretError};
use crate::live::Live;
use crate::load::Load;
use crate::mailer::{Mailer, MailerError};
use crate::objects::{Objects, ObjectsError};
use crate::points::{Points, PointsError};
use crate::reading::{OwnProcess, ReadingRoom};
use crate::services::{ApiKeys, KnownHooks, Policies, PublishError, Services, Tools};
use crate::sign_on::Provider;
use crate::store::{Store, StoreError};
use crate::texting::Texting;
use crate::watch::Pulse;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error("setting database_url: {0}")]
    Store(#[source] StoreError),
    /// The mail server.
    #[error("setting {0}")]
    Mailer(#[from] MailerError),
    /// The place for files.
    #[error("setting objects_url: {0}")]
    Objects(#[source] ObjectsError),
    /// The program that reads uploads.
    #[error("who reads uploads is not known")]
    Reader(#[source] io::Error),
    /// The secret of links.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A list of where parcels are handed in.
    #[error("setting {0}: {1}")]
    Points(&'static str, #[source] PointsError),
    /// The default policy.
    #[error("the default policy could not be published")]
    Policy(#[from] PublishError),
}

/// The stories, on a database that is up to date and has a policy.
pub async fn services(config: Config) -> Result<Services, StartError> {
    let reading = OwnProcess::of_this_program(config.limits.evidence).map_err(StartError::Reader)?;
    let carrier = own_labels(&config);
    services_with(config, carrier, Arc::new(reading)).await
}

/// Labels that the shop pays for itself.
pub fn own_labels(config: &Config) -> Carrier {
    Carrier::Own(Arc::new(OwnLabels { gs1_company_prefix: config.carrier.gs1_company_prefix.clone() }))
}

/// As [`services`], with labels of `carrier` and uploads read by `reading`.
pub async fn services_with(config: Config, carrier: Carrier, reading: Arc<dyn ReadingRoom>) -> Result<Services, StartError> {
    let reasons = Arc::new(config.reason_tree()?);
    let points = Points::load(&config).map_err(|(setting, error)| StartError::Points(setting, error))?;
    let store = Store::open_within(&config.database_url(), config.limits.postgres).await.map_err(StartError::Store)?;
    let objects = Objects::open(&config.objects_url()).map_err(StartError::Objects)?;
    let clock = Clock::default();
    let secret = kept::secret(&config, &store, clock.millis()).await?;
    let services = Services::from(Tools {
        store,
        objects,
        reading,
        load: Load::default(),
        clock,
        secret,
        reasons,
        own_languages: config.shop.name.languages(),
        policies: Policies::default(),
        api_keys: ApiKeys::default(),
        hooks: KnownHooks::default(),
        carrier,
        texting: Texting::of(&config),
        gateway: gateways::of(&config),
        points: Arc::new(points),
        sign_on: Provider::of(&config),
        config: Arc::new(config),
        wake: Arc::new(Notify::new()),
        pulse: Pulse::default(),
        live: Live::default(),
    });
    if services.config.demo || services.config.is_test {
        services.restore_clock().await.map_err(StartError::Store)?;
    }
    services.store.listen(services.live.clone()).await.map_err(StartError::Store)?;
    services.policies.publish_default(&services.store, &services.reasons, services.clock.now()).await?;
    let mut read = services.store.read().await.map_err(StartError::Store)?;
    match services.policies.current(&mut read.conn(), services.clock.now()).await {
        // Said in the log; what follows older policies goes on, beside the newer version.
        Ok(_) | Err(StoreError::Newer) => {}
        Err(error) => return Err(StartError::Store(error)),
    }
    drop(read);
    Ok(services)
}

/// A worker for the outbox and the schedules.
pub fn worker(services: &Services) -> Result<Worker, StartError> {
    Ok(Worker::new(services.clone(), Mailer::new(&services.config)?))
}

/// Where figures are collected; the same for everything in this process.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    let install = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // Another recorder can only be there in tests; its figures are not looked at.
        let _ = metrics::set_global_recorder(recorder);
        handle
    };
    HANDLE.get_or_init(install).clone()
}
