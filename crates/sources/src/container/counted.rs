//! A stream that tells how far it was read.

use std::io::{self, Read, Seek, SeekFrom};

/// Told how many more bytes of an input were read, for showing progress.
pub(crate) type Progress<'p> = &'p dyn Fn(u64);

/// Tells of each read.
pub(crate) struct Counted<'p, R> {
    stream: R,
    progress: Option<Progress<'p>>,
}

impl<'p, R> Counted<'p, R> {
    pub(crate) fn new(stream: R, progress: Option<Progress<'p>>) -> Self {
        Self { stream, progress }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        if let Some(progress) = self.progress {
            progress(read as u64);
        }
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<'_, R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.stream.seek(position)
    }
}
