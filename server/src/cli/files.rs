//! How many files this process may have open: each connection is one.

/// Takes as many as the system lets a process take by itself, and says how many that is. The usual 1,024 are for programs that wait for files in
/// a way we do not (`select`).
#[cfg(unix)]
pub fn raise() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit = raised,
        Err(error) => tracing::warn!(%error, "this process may open no more files than before"),
    }
    // No limit at all is none here.
    limit.current.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX))
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub fn raise() -> usize {
    usize::MAX
}
