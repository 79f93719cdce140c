//! The log. Nobody waits for it and it ends nothing: what cannot be written is lost, and counted.
//!
//! Lines go to standard error by a thread of their own. Where whoever reads them is gone, the disk is full, or the pipe is full and nobody
//! reads on, the server goes on all the same. `tracing-appender` keeps such a thread too, and says nothing of lines that it failed to write.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Config, LogFormat};

/// Lines that may wait to be written.
const WAITING: usize = 4_096;
/// How long the end of the program waits for what is still to be written.
const END: Duration = Duration::from_secs(1);
/// Bytes of a panic's own words: they may repeat what somebody sent.
const LONGEST: usize = 300;

/// Begins to log as the settings say. What still waits is written when the answer is dropped.
pub fn begin(config: &Config) -> Ending {
    let log = Log::to(io::stderr());
    let filter = EnvFilter::try_new(&config.log_filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone()).with_target(false);
    let builder = builder.with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty()));
    // It would say on standard error that it cannot write, and panic where that is what it cannot write to.
    let builder = builder.log_internal_errors(false);
    match config.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        let said = &said[..said.floor_char_boundary(LONGEST)];
        tracing::error!(at = panic.location().map(ToString::to_string), said, "a panic");
    }));
    Ending(log)
}

/// An error with what it came of, in a line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Dropped, it waits (for a second at most) until what was logged is written.
pub struct Ending(Log);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.written();
    }
}

/// Where lines of the log go. Cheap to clone.
#[derive(Clone)]
struct Log {
    queue: Arc<Queue>,
}

struct Queue {
    lines: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    /// All before it is written: say so.
    Written(SyncSender<()>),
}

impl Log {
    fn to(place: impl Write + Send + 'static) -> Self {
        let (lines, waiting) = sync_channel(WAITING);
        let lost = Arc::<AtomicU64>::default();
        let queue = Arc::new(Queue { lines, lost: lost.clone() });
        // Without a thread every line is lost, and counted.
        let _ = thread::Builder::new().name("log".into()).spawn(move || write_all(place, &waiting, &lost));
        Self { queue }
    }

    /// Waits until what was logged so far is written.
    fn written(&self) {
        let (written, said) = sync_channel(1);
        let mut message = Message::Written(written);
        let end = Instant::now() + END;
        while let Err(std::sync::mpsc::TrySendError::Full(again)) = self.queue.lines.try_send(message) {
            if Instant::now() > end {
                return;
            }
            message = again;
            thread::sleep(Duration::from_millis(5));
        }
        let _ = said.recv_timeout(END);
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Takes a line whole. It never fails, and never waits.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.queue.lines.try_send(Message::Line(one_line(line))).is_err() {
            lose(&self.queue.lost);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody's words begin a line of their own.
fn one_line(line: &[u8]) -> Vec<u8> {
    let (words, end) = line.split_at(line.len() - usize::from(line.ends_with(b"\n")));
    let escaped = words.iter().flat_map(|byte| match byte {
        b'\n' => b"\\n".as_slice(),
        b'\r' => b"\\r",
        other => std::slice::from_ref(other),
    });
    escaped.chain(end).copied().collect()
}

fn lose(lost: &AtomicU64) {
    lost.fetch_add(1, Ordering::Relaxed);
    metrics::counter!("log_lines_lost_total").increment(1);
}

fn write_all(mut place: impl Write, waiting: &Receiver<Message>, lost: &AtomicU64) {
    let mut said = 0;
    while let Ok(message) = waiting.recv() {
        match message {
            Message::Line(line) if place.write_all(&line).is_err() => lose(lost),
            Message::Line(_) => {
                let all = lost.load(Ordering::Relaxed);
                if all > said && writeln!(place, "{} lines of this log were lost", all - said).is_ok() {
                    said = all;
                }
            }
            Message::Written(written) => {
                let _ = place.flush();
                let _ = written.send(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn nobody_s_words_begin_a_line() {
        assert_eq!(one_line(b"refused\r\n2026-01-01 INFO all is well\n"), b"refused\\r\\n2026-01-01 INFO all is well\n");
        assert_eq!(one_line(b"no end"), b"no end");
    }

    /// A place that fails, or hangs, for as long as somebody holds it.
    #[derive(Clone, Default)]
    struct Place {
        full: Arc<AtomicU64>,
        hangs: Arc<Mutex<()>>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Place {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            drop(self.hangs.lock().unwrap());
            if self.full.load(Ordering::Relaxed) == 1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_cannot_be_written_is_lost_and_counted_and_nobody_is_told_off() {
        let place = Place::default();
        let log = Log::to(place.clone());
        let logger = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).without_time().log_internal_errors(false).finish();
        tracing::subscriber::with_default(logger, || {
            place.full.store(1, Ordering::Relaxed);
            tracing::info!("on a full disk");
            log.written();
            place.full.store(0, Ordering::Relaxed);
            tracing::info!("there is room again");
        });
        log.written();
        let written = String::from_utf8(place.written.lock().unwrap().clone()).unwrap();
        assert!(!written.contains("on a full disk") && written.contains("there is room again"), "{written}");
        assert!(written.ends_with("1 lines of this log were lost\n"), "{written}");
    }

    #[test]
    fn nobody_waits_for_a_reader_that_reads_no_more() {
        let place = Place::default();
        let mut log = Log::to(place.clone());
        let hangs = place.hangs.lock().unwrap();
        // It would wait here for ever.
        for _ in 0..WAITING + 10 {
            log.write_all(b"a line\n").unwrap();
        }
        assert!((9..=10).contains(&log.queue.lost.load(Ordering::Relaxed)));
        drop(hangs);
        log.written();
        assert!(place.written.lock().unwrap().len() >= WAITING * 7);
    }
}
