//! How much uploads may ask of the server.

use serde::{Deserialize, Serialize};

/// Bounds of one upload, from which time and memory follow, and of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvidenceLimits {
    /// Bytes of the upload.
    pub bytes: usize,
    /// Pixels of a photo as it comes; telephones take up to 50 million.
    pub pixels: u64,
    /// Bytes of memory a photo or a stream of a document may take while it is decoded.
    pub memory: u64,
    /// Pixels on the longer side of what is kept.
    pub longest_side: u32,
    /// Pages of a document.
    pub pages: u32,
    /// Files of one line of a return.
    pub per_line: usize,
    /// Files of one return.
    pub per_return: usize,
    /// Bytes from one address in an hour.
    pub bytes_per_hour: i64,
    /// Files that are read at once, each by a process of its own; the others wait.
    pub at_once: usize,
    /// Seconds of processor time after which a file is given up; by the clock it is three times as long.
    pub seconds: u64,
}

impl Default for EvidenceLimits {
    fn default() -> Self {
        Self {
            bytes: 20 << 20,
            pixels: 60_000_000,
            memory: 256 << 20,
            longest_side: 2400,
            pages: 20,
            per_line: 12,
            per_return: 40,
            bytes_per_hour: 400 << 20,
            at_once: 2,
            seconds: 20,
        }
    }
}
