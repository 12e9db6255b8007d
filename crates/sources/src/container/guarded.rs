//! A stream that ends where it breaks.

use std::io::{self, ErrorKind, Read};

use coldtrail_diagnostics::Anomaly;

use super::Damage;

/// Turns the first error of a stream into its end, and keeps the error as a fault.
pub(super) struct Guarded<R> {
    stream: R,
    source: String,
    damage: Damage,
    packed: bool,
    offset: u64,
    broken: bool,
}

impl<R: Read> Guarded<R> {
    /// Guards an input itself, whose errors come from the file system.
    pub(super) fn unpacked(stream: R, source: &str, damage: &Damage) -> Self {
        Self::new(stream, source, damage, false)
    }

    /// Guards what comes out of a packing, whose errors come from its content.
    pub(super) fn packed(stream: R, source: &str, damage: &Damage) -> Self {
        Self::new(stream, source, damage, true)
    }

    fn new(stream: R, source: &str, damage: &Damage, packed: bool) -> Self {
        let (source, damage) = (source.to_owned(), damage.clone());
        Self { stream, source, damage, packed, offset: 0, broken: false }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.broken {
            return Ok(0);
        }
        match self.stream.read(buffer) {
            Ok(read) => {
                self.offset += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.broken = true;
                let anomaly = match error.kind() {
                    _ if !self.packed => Anomaly::Unreadable,
                    ErrorKind::UnexpectedEof => Anomaly::TruncatedStream,
                    ErrorKind::Unsupported => Anomaly::UnsupportedMember,
                    _ => Anomaly::CorruptStream,
                };
                let (offset, detail) = (Some(self.offset), error.to_string());
                self.damage.borrow_mut().add(&self.source, anomaly, offset, &detail);
                Ok(0)
            }
        }
    }
}
