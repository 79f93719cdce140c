//! systemd around the server: the socket is systemd's, so that a restart turns nobody away, and systemd is told how the server does.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::app::order;
use crate::command_line::{free_address, homebound, version};

/// `serve` in a process that is handed `socket`, as far as the variables say so.
fn handed(folder: &Path, socket: impl Into<OwnedFd>, variables: &str) -> Command {
    let script = format!("exec 3<&0 </dev/null; {variables} exec \"$0\" serve");
    let mut command = version(OsStr::new("sh"), folder, &["-c", &script, env!("CARGO_BIN_EXE_homebound")]);
    command.stdin(Stdio::from(socket.into())).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("HOMEBOUND_LIMITS__REQUESTS_PER_SECOND", "100000").env("HOMEBOUND_LIMITS__BURST", "100000");
    command
}

const FOR_IT: &str = "LISTEN_FDS=1 LISTEN_PID=$$";

/// A process that does not outlive its test.
struct Running(Child);

impl Running {
    fn of(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    fn told_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap().success());
    }

    /// Whether it ended well; by itself, within a minute.
    fn ended_well(mut self) -> bool {
        for _ in 0..2_400 {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("it did not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn terminated(server: Running) -> bool {
    server.told_to_stop();
    server.ended_well()
}

/// Looks until it is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    for _ in 0..2_400 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not come about");
}

async fn answers(base: &str) -> bool {
    reqwest::get(format!("{base}/healthz")).await.is_ok_and(|answer| answer.status().is_success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_turns_nobody_away() {
    let folder = tempfile::tempdir().unwrap();
    let key = homebound(folder.path(), &["key", "add", "--name", "test", "--scope", "write"]).output().unwrap().stdout;
    let key = String::from_utf8(key).unwrap().trim().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let (answered, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    // From before the first server, and between any two.
    let visitors: Vec<_> = (0..4)
        .map(|visitor| {
            let (over, answered, failed, key) = (over.clone(), answered.clone(), failed.clone(), key.clone());
            tokio::spawn(async move {
                // A connection for each, as the proxies of `deploy` do it: on one that is kept open a request may cross its end.
                let client = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(120)).build().unwrap();
                for count in 0.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let number = format!("{visitor}-{count}");
                    let asked = match visitor % 2 {
                        0 => client.get(format!("http://{address}/policy")),
                        _ => client.put(format!("http://{address}/api/v1/orders/{number}")).bearer_auth(&key).json(&order(&number)),
                    };
                    match asked.send().await.and_then(reqwest::Response::error_for_status) {
                        Ok(_) => answered.fetch_add(1, Ordering::Relaxed),
                        Err(error) => {
                            failed.lock().unwrap().push(format!("{number}: {error:?}"));
                            break;
                        }
                    };
                }
            })
        })
        .collect();
    for _ in 0..4 {
        let before = answered.load(Ordering::Relaxed);
        // It must not need to listen there by itself.
        let socket = listener.try_clone().unwrap();
        let server = Running::of(handed(folder.path(), socket, FOR_IT).env("HOMEBOUND_LISTEN", address.to_string()));
        until(async || answered.load(Ordering::Relaxed) > before + 40 || !failed.lock().unwrap().is_empty()).await;
        assert_eq!(*failed.lock().unwrap(), Vec::<String>::new());
        assert!(terminated(server));
    }
    over.store(true, Ordering::Relaxed);
    let last = Running::of(&mut handed(folder.path(), listener, FOR_IT));
    for visitor in visitors {
        visitor.await.unwrap();
    }
    assert!(terminated(last));
    assert_eq!(*failed.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_for_somebody_else_is_left_alone() {
    for variables in ["LISTEN_FDS=1 LISTEN_PID=1", "LISTEN_FDS=1"] {
        let folder = tempfile::tempdir().unwrap();
        let (theirs, own) = (TcpListener::bind("127.0.0.1:0").unwrap(), free_address());
        let server = Running::of(handed(folder.path(), theirs, variables).env("HOMEBOUND_LISTEN", own.to_string()));
        until(async || answers(&format!("http://{own}")).await).await;
        assert!(terminated(server));
    }
}

#[test]
fn what_cannot_be_served_on_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let said = |mut command: Command| {
        let log = folder.path().join("log");
        let server = Running::of(command.stderr(std::fs::File::create(&log).unwrap()));
        assert!(!server.ended_well());
        std::fs::read_to_string(log).unwrap()
    };
    let of_files = UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(said(handed(folder.path(), of_files, FOR_IT)).contains("the socket that systemd hands over cannot be used"));
    let one = TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(said(handed(folder.path(), one, "LISTEN_FDS=2 LISTEN_PID=$$")).contains("systemd hands over 2 sockets"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_hears_that_it_is_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("notify");
    let told = UnixDatagram::bind(&place).unwrap();
    told.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let hear = || {
        let mut word = [0; 256];
        let length = told.recv(&mut word).unwrap();
        String::from_utf8(word[..length].to_vec()).unwrap().trim().to_owned()
    };
    let address = free_address();
    let mut command = homebound(folder.path(), &["serve"]);
    command.env("HOMEBOUND_LISTEN", address.to_string()).env("NOTIFY_SOCKET", &place).env("WATCHDOG_USEC", "400000");
    let server = Running::of(command.stdout(Stdio::null()).stderr(Stdio::null()));
    assert_eq!(hear(), "READY=1");
    assert!(answers(&format!("http://{address}")).await, "it is ready indeed");
    assert_eq!((hear().as_str(), hear().as_str()), ("WATCHDOG=1", "WATCHDOG=1"));
    server.told_to_stop();
    let last = std::iter::repeat_with(hear).find(|word| word != "WATCHDOG=1").unwrap();
    assert_eq!(last, "STOPPING=1");
    assert!(server.ended_well());
}
