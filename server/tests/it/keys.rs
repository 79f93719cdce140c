//! Keys of machines: what they open, and until when.

use jiff::SignedDuration;
use reqwest::StatusCode;
use server::secrets;
use server::store::{self, ApiKey, Scope, StoreError};

use crate::app::{TestApp, order};
use crate::databases::on_both;

on_both! {
    async fn a_key_ends_and_is_seen_to_be_used(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let secret = "hb_a-key-of-a-day";
        let key = ApiKey { digest: secrets::digest(secret), name: "day".into(), scope: Scope::Read };
        let now = app.services.clock.millis();
        let add = |key: ApiKey, ends: i64| {
            app.services.store.write(move |mut conn| Box::pin(async move { store::add_api_key(&mut conn, &key, Some(ends), now).await }))
        };
        add(key.clone(), now + 24 * 60 * 60 * 1000).await.map_err(|error: StoreError| error).unwrap();
        let ask = async |secret: &str, path: &str| {
            app.client.get(format!("{}{path}", app.base)).bearer_auth(secret).send().await.unwrap().status()
        };
        assert_eq!(ask(secret, "/api/v1/orders/1").await, StatusCode::OK);
        let life = async || {
            let mut read = app.services.store.read().await.unwrap();
            store::list_api_keys(&mut read.conn()).await.unwrap().into_iter().find(|(name, ..)| name == "day").unwrap().2
        };
        let used = life().await.used_at.unwrap();
        assert!(used >= now);
        // Figures are for those who may see nothing else, too; all else is not.
        let graphs = ApiKey { digest: secrets::digest("hb_graphs"), name: "graphs".into(), scope: Scope::Metrics };
        add(graphs, now + 24 * 60 * 60 * 1000).await.map_err(|error: StoreError| error).unwrap();
        assert_eq!(ask("hb_graphs", "/metrics").await, StatusCode::OK);
        assert_eq!(ask("hb_graphs", "/api/v1/orders/1").await, StatusCode::FORBIDDEN);
        app.services.clock.advance(SignedDuration::from_hours(25));
        // It is remembered for two seconds.
        tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
        assert_eq!(ask(secret, "/api/v1/orders/1").await, StatusCode::UNAUTHORIZED);
        assert_eq!(ask("hb_graphs", "/metrics").await, StatusCode::UNAUTHORIZED);
        assert_eq!(life().await.used_at, Some(used), "who was refused did not use it");
    }
}
