//! Writes without end: how long SQLite's log of changes and the server's memory become. Only where asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::row;
use crate::shop::{Shop, order, wanted};

const CLIENTS: usize = 8;
/// Between a customer and the next, so that other work on the machine goes on.
const REST: Duration = Duration::from_millis(20);

pub async fn measure() {
    let minutes: u64 = std::env::var("BENCH_MINUTES").ok().and_then(|minutes| minutes.parse().ok()).unwrap_or(60);
    let span = Duration::from_secs(minutes * 60);
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(folder.path(), &format!("sqlite://{}", folder.path().join("soak.db").display()), false).await;
    let (begun, written) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (client, base, key, written) = (shop.client.clone(), shop.base.clone(), shop.key.clone(), written.clone());
            tokio::spawn(async move {
                while begun.elapsed() < span {
                    let number = format!("W{}", written.fetch_add(2, Ordering::Relaxed));
                    let put = client.put(format!("{base}/api/v1/orders/{number}")).bearer_auth(&key).json(&order(&number, 2));
                    assert_eq!(put.send().await.unwrap().status().as_u16(), 201);
                    let open = client.post(format!("{base}/api/v1/returns")).bearer_auth(&key).json(&wanted(&number));
                    assert_eq!(open.send().await.unwrap().status().as_u16(), 201);
                    let list = client.get(format!("{base}/api/v1/returns?limit=50")).bearer_auth(&key).send().await.unwrap();
                    assert!(list.status().is_success());
                    tokio::time::sleep(REST).await;
                }
            })
        })
        .collect();
    let (mut log, mut memory) = (0, 0.0_f64);
    while begun.elapsed() < span {
        tokio::time::sleep(Duration::from_secs(1)).await;
        log = log.max(std::fs::metadata(folder.path().join("soak.db-wal")).map_or(0, |file| file.len()));
        memory = memory.max(shop.resident());
    }
    for client in clients {
        client.await.unwrap();
    }
    let written = written.load(Ordering::Relaxed);
    row(
        &format!("largest log of changes in {minutes} minutes of writes, SQLite"),
        format!("{:.1} MB", log as f64 / 1e6),
        format!("{written} writes; limit: 64 MB"),
    );
    row("resident memory meanwhile, at most", format!("{memory:.0} MB"), "aim: 250 MB");
    shop.stop();
}
