//! The fields of a message: single bytes, and texts behind their length.
//!
//! Written by hand because it is thirty lines, and because a login process should carry no general decoder.

use crate::IpcError;

/// Collects the fields of one message.
pub(crate) struct Encoder(Vec<u8>);

impl Encoder {
    /// Reserves the whole message at once, so that no half of a secret stays behind in memory that was moved from.
    pub(crate) fn new(tag: u8, texts: &[&str]) -> Self {
        const BYTES_BESIDE_TEXTS: usize = 64;
        let size = texts.iter().fold(BYTES_BESIDE_TEXTS, |sum, text| sum.saturating_add(text.len()));
        let mut bytes = Vec::with_capacity(size);
        bytes.push(tag);
        Self(bytes)
    }

    pub(crate) fn byte(&mut self, byte: u8) -> &mut Self {
        self.0.push(byte);
        self
    }

    /// A text whose length does not fit into a `u32` is far beyond any frame; its length saturates and the frame
    /// limit refuses it.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Takes fields off the front of a payload; [`Decoder::end`] insists that nothing is left.
pub(crate) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    pub(crate) fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, IpcError> {
        let (first, rest) = self.0.split_first().ok_or(IpcError::Truncated)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, IpcError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(IpcError::BadBool(other)),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, IpcError> {
        let (length, rest) = self.0.split_first_chunk::<4>().ok_or(IpcError::Truncated)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| IpcError::Truncated)?;
        let (text, rest) = rest.split_at_checked(length).ok_or(IpcError::Truncated)?;
        self.0 = rest;
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| IpcError::NotUtf8)
    }

    pub(crate) fn end(self) -> Result<(), IpcError> {
        if self.0.is_empty() { Ok(()) } else { Err(IpcError::TrailingBytes(self.0.len())) }
    }
}
