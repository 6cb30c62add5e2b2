//! Between the agent's network half and its privileged half, over a socket pair.
//!
//! Only the framing lives here: a tag and opaque bytes. Which tags a half accepts, and what the bytes mean, is
//! decided by that half, which trusts the other one with nothing.

use std::io::{Read, Write};

use crate::{IpcError, frame};

/// To the privileged half: a message of the server, byte for byte as it was received.
pub const SERVER_MESSAGE: u8 = 1;
/// To the privileged half: the channel to the server stands.
pub const LINK_UP: u8 = 2;
/// To the privileged half: the channel to the server is gone.
pub const LINK_DOWN: u8 = 3;
/// To the network half: a message to send to the server.
pub const AGENT_MESSAGE: u8 = 16;

/// Longest payload, tag included.
pub const MAX_FRAME: usize = 16 * 1024 * 1024;

/// One message between the halves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub tag: u8,
    pub body: Vec<u8>,
}

impl Frame {
    /// The payload of a frame, without its length; for callers that frame by themselves.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(self.body.len().saturating_add(1));
        payload.push(self.tag);
        payload.extend_from_slice(&self.body);
        payload
    }

    /// # Errors
    /// `Truncated` for a payload without a tag, `FrameTooLong` beyond [`MAX_FRAME`].
    pub fn decode(payload: &[u8]) -> Result<Self, IpcError> {
        if payload.len() > MAX_FRAME {
            return Err(IpcError::FrameTooLong { length: payload.len(), limit: MAX_FRAME });
        }
        let (tag, body) = payload.split_first().ok_or(IpcError::Truncated)?;
        Ok(Self { tag: *tag, body: body.to_vec() })
    }

    /// # Errors
    /// What [`frame::read`] and [`Frame::decode`] refuse.
    pub fn read(reader: &mut impl Read) -> Result<Self, IpcError> {
        Self::decode(&frame::read(reader, MAX_FRAME)?)
    }

    /// # Errors
    /// What [`frame::write`] refuses.
    pub fn write(&self, writer: &mut impl Write) -> Result<(), IpcError> {
        frame::write(writer, &self.encode(), MAX_FRAME)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_limit_counts_the_tag() {
        let longest = Frame { tag: SERVER_MESSAGE, body: vec![0; MAX_FRAME - 1] };
        let mut bytes = Vec::new();
        longest.write(&mut bytes).unwrap();
        assert_eq!(Frame::read(&mut bytes.as_slice()).unwrap(), longest);
        let longer = Frame { tag: SERVER_MESSAGE, body: vec![0; MAX_FRAME] };
        assert!(matches!(longer.write(&mut Vec::new()), Err(IpcError::FrameTooLong { .. })));
        assert!(matches!(Frame::decode(&longer.encode()), Err(IpcError::FrameTooLong { .. })));
    }

    #[test]
    fn a_frame_without_a_tag_is_refused() {
        assert!(matches!(Frame::read(&mut [0, 0, 0, 0].as_slice()), Err(IpcError::Truncated)));
    }

    proptest! {
        #[test]
        fn decode_after_encode_is_identity(tag in any::<u8>(), body in any::<Vec<u8>>()) {
            let frame = Frame { tag, body };
            prop_assert_eq!(Frame::decode(&frame.encode()).unwrap(), frame.clone());
            let mut bytes = Vec::new();
            frame.write(&mut bytes).unwrap();
            prop_assert_eq!(Frame::read(&mut bytes.as_slice()).unwrap(), frame);
        }

        #[test]
        fn every_truncation_of_the_stream_errs(body in any::<Vec<u8>>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = Vec::new();
            Frame { tag: AGENT_MESSAGE, body }.write(&mut bytes).unwrap();
            bytes.truncate(cut.index(bytes.len()));
            prop_assert!(Frame::read(&mut bytes.as_slice()).is_err());
        }

        #[test]
        fn random_bytes_never_panic(bytes in any::<Vec<u8>>()) {
            let _ = Frame::read(&mut bytes.as_slice());
        }
    }
}
