//! Frames: a big-endian `u32` length, then so many bytes of payload.
//!
//! The length is checked against the limit before anything is reserved, and memory grows with the bytes that
//! really arrive, so a peer cannot make the reader reserve what it never sends.

use std::io::{self, Read, Write};

use crate::{IpcError, wipe_bytes};

/// Reserved at once when a frame begins. Login frames fit, so reading one never leaves a moved copy behind.
const FIRST_RESERVATION: usize = 64 * 1024;
const HEADER: usize = 4;

/// Reads one payload of at most `limit` bytes.
///
/// # Errors
/// `Closed` if the stream ends before the first byte, `Truncated` if it ends later.
pub fn read(reader: &mut impl Read, limit: usize) -> Result<Vec<u8>, IpcError> {
    let length = usize::try_from(u32::from_be_bytes(read_header(reader)?)).unwrap_or(usize::MAX);
    if length > limit {
        return Err(IpcError::FrameTooLong { length, limit });
    }
    let mut payload = Vec::new();
    payload.try_reserve_exact(length.min(FIRST_RESERVATION)).map_err(|_| IpcError::OutOfMemory(length))?;
    let read = reader.take(length as u64).read_to_end(&mut payload);
    if matches!(read, Ok(count) if count == length) {
        return Ok(payload);
    }
    wipe_bytes(&mut payload);
    read?;
    Err(IpcError::Truncated)
}

/// Writes the payload with its length before it, in one write, and flushes.
///
/// # Errors
/// `FrameTooLong` before anything is written, otherwise what the stream says.
pub fn write(writer: &mut impl Write, payload: &[u8], limit: usize) -> Result<(), IpcError> {
    let too_long = || IpcError::FrameTooLong { length: payload.len(), limit };
    if payload.len() > limit {
        return Err(too_long());
    }
    let length = u32::try_from(payload.len()).map_err(|_| too_long())?;
    let mut bytes = Vec::new();
    let size = payload.len().saturating_add(HEADER);
    bytes.try_reserve_exact(size).map_err(|_| IpcError::OutOfMemory(size))?;
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(payload);
    let written = writer.write_all(&bytes).and_then(|()| writer.flush());
    wipe_bytes(&mut bytes);
    Ok(written?)
}

fn read_header(reader: &mut impl Read) -> Result<[u8; HEADER], IpcError> {
    let mut header = [0; HEADER];
    let (first, rest) = header.split_at_mut(1);
    reader.read_exact(first).map_err(|error| end_as(error, IpcError::Closed))?;
    reader.read_exact(rest).map_err(|error| end_as(error, IpcError::Truncated))?;
    Ok(header)
}

fn end_as(error: io::Error, end: IpcError) -> IpcError {
    if error.kind() == io::ErrorKind::UnexpectedEof { end } else { IpcError::Io(error) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_reading_on() {
        let mut stream: &[u8] = &[0xff, 0xff, 0xff, 0xff, 1, 2, 3];
        assert!(matches!(read(&mut stream, 65536), Err(IpcError::FrameTooLong { limit: 65536, .. })));
        assert_eq!(stream, [1, 2, 3]);
    }

    #[test]
    fn a_payload_beyond_the_limit_writes_nothing() {
        let mut out = Vec::new();
        assert!(matches!(write(&mut out, &[0; 5], 4), Err(IpcError::FrameTooLong { length: 5, limit: 4 })));
        assert_eq!(out, []);
    }

    #[test]
    fn the_end_of_the_stream_is_told_from_a_broken_frame() {
        assert!(matches!(read(&mut [].as_slice(), 9), Err(IpcError::Closed)));
        assert!(matches!(read(&mut [0, 0].as_slice(), 9), Err(IpcError::Truncated)));
        assert!(matches!(read(&mut [0, 0, 0, 2, 7].as_slice(), 9), Err(IpcError::Truncated)));
    }

    #[test]
    fn a_frame_longer_than_the_first_reservation_arrives_whole() {
        let payload = vec![7; 3 * FIRST_RESERVATION + 1];
        let mut bytes = Vec::new();
        write(&mut bytes, &payload, payload.len()).unwrap();
        assert_eq!(read(&mut bytes.as_slice(), payload.len()).unwrap(), payload);
    }

    proptest! {
        #[test]
        fn read_after_write_is_identity_and_leaves_the_rest(payload in any::<Vec<u8>>(), rest in any::<Vec<u8>>()) {
            let mut bytes = Vec::new();
            write(&mut bytes, &payload, 65536).unwrap();
            bytes.extend_from_slice(&rest);
            let mut stream = bytes.as_slice();
            prop_assert_eq!(read(&mut stream, 65536).unwrap(), payload);
            prop_assert_eq!(stream, rest);
        }

        #[test]
        fn every_truncation_errs(payload in any::<Vec<u8>>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = Vec::new();
            write(&mut bytes, &payload, 65536).unwrap();
            bytes.truncate(cut.index(bytes.len()));
            prop_assert!(read(&mut bytes.as_slice(), 65536).is_err());
        }
    }
}
