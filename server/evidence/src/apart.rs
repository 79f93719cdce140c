//! Reading in a process of its own, which the system ends where it asks for too much. Decoders of strangers' files belong there: what
//! they allocate and how long they take is in no hand of ours.

use std::io::{self, Read};

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::{EvidenceLimits, handed, read};

/// Bytes of address space beside what pictures take: the program, its stacks, the upload and what is written of it.
const PROGRAM: u64 = 192 << 20;

/// So much later in turn than the server, which answers others meanwhile.
const NICE: i32 = 10;

/// Bytes of address space that a reader has: memory for a picture and for what it is made into.
fn address_space(limits: &EvidenceLimits) -> u64 {
    limits.memory.saturating_mul(2).saturating_add(PROGRAM)
}

/// What a reader's environment has, and nothing else: its allocator must not reserve what it may not have.
pub const ENVIRONMENT: [(&str, &str); 2] = [("MIMALLOC_ARENA_RESERVE", "16MiB"), ("MIMALLOC_ARENA_EAGER_COMMIT", "0")];

/// All that a reader's process does: reads an upload from standard input and writes to standard output what [`handed_over`] takes, within
/// an address space, a processor time and no files to open or to write.
///
/// # Errors
/// If it cannot be confined, or its caller went away. Whatever the upload is, is no error but the answer.
///
/// [`handed_over`]: super::handed_over
pub fn read_apart(limits: &EvidenceLimits) -> io::Result<()> {
    confine(limits)?;
    let mut bytes = Vec::new();
    io::stdin().lock().take(limits.bytes as u64 + 1).read_to_end(&mut bytes)?;
    handed::write(read(&bytes, limits), &mut io::stdout().lock())
}

fn confine(limits: &EvidenceLimits) -> io::Result<()> {
    let (seconds, space) = (limits.seconds.max(1), address_space(limits));
    // Both: an allocator may have reserved addresses that it has not filled yet. The three standard streams are open.
    for (resource, most) in [
        (Resource::As, space),
        (Resource::Data, space),
        (Resource::Cpu, seconds),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 3),
    ] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    nice(NICE)?;
    Ok(())
}
