//! CBOR (RFC 8949) as authenticators write it (CTAP 2.1 section 8): definite lengths, the shortest form of every number,
//! few levels, no key twice, and nothing after the end. Whatever is otherwise is refused.

/// Most levels of what an authenticator sends; CTAP allows four.
const DEEPEST: usize = 8;
/// Most items of it.
const MOST_ITEMS: usize = 512;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Array(Vec<Self>),
    Bool(bool),
    Bytes(&'a [u8]),
    Int(i64),
    Map(Vec<(Self, Self)>),
    Null,
    Text(&'a str),
}

impl<'a> Value<'a> {
    /// Reads one value; what follows it is handed back.
    pub(super) fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut reader = Reader { rest: input, items: MOST_ITEMS };
        let value = reader.value(DEEPEST)?;
        Some((value, reader.rest))
    }

    /// Reads one value and nothing after it.
    pub(super) fn read_all(input: &'a [u8]) -> Option<Self> {
        Self::read(input).and_then(|(value, rest)| rest.is_empty().then_some(value))
    }

    pub(super) fn at(&self, key: &Value<'_>) -> Option<&Self> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(k, _)| k == key).map(|(_, value)| value),
            Self::Array(_) | Self::Bool(_) | Self::Bytes(_) | Self::Int(_) | Self::Null | Self::Text(_) => {
                None
            }
        }
    }

    pub(super) fn int_at(&self, key: i64) -> Option<i64> {
        if let Self::Int(value) = self.at(&Value::Int(key))? { Some(*value) } else { None }
    }

    pub(super) fn text_at(&self, key: &str) -> Option<&'a str> {
        if let Self::Text(text) = self.at(&Value::Text(key))? { Some(text) } else { None }
    }

    pub(super) fn bytes_at(&self, key: &Value<'_>) -> Option<&'a [u8]> {
        if let Self::Bytes(value) = self.at(key)? { Some(value) } else { None }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    items: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, levels: usize) -> Option<Value<'a>> {
        self.items = self.items.checked_sub(1)?;
        let (major, argument) = self.head()?;
        let levels = || levels.checked_sub(1);
        Some(match major {
            0 => Value::Int(i64::try_from(argument).ok()?),
            1 => Value::Int(-1 - i64::try_from(argument).ok()?),
            2 => Value::Bytes(self.take(argument)?),
            3 => Value::Text(std::str::from_utf8(self.take(argument)?).ok()?),
            4 => {
                let levels = levels()?;
                let items: Option<Vec<_>> = (0..self.count(argument)?).map(|_| self.value(levels)).collect();
                Value::Array(items?)
            }
            5 => {
                let (levels, count) = (levels()?, self.count(argument)?);
                let mut pairs: Vec<(Value<'a>, Value<'a>)> = Vec::new();
                for _ in 0..count {
                    let pair = (self.value(levels)?, self.value(levels)?);
                    if pairs.iter().any(|(key, _)| *key == pair.0) {
                        return None;
                    }
                    pairs.push(pair);
                }
                Value::Map(pairs)
            }
            7 if argument == 20 => Value::Bool(false),
            7 if argument == 21 => Value::Bool(true),
            7 if argument == 22 => Value::Null,
            _ => return None,
        })
    }

    /// The major type and its argument, which must be in the shortest form.
    fn head(&mut self) -> Option<(u8, u64)> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        let (major, short) = (first >> 5, first & 0x1f);
        let (length, least) = match short {
            0..24 => return Some((major, u64::from(short))),
            // Numbers with a fraction begin here, and simple values that are not assigned.
            _ if major == 7 => return None,
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return None,
        };
        let argument = self.take(length)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        (argument >= least).then_some((major, argument))
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    /// How many follow, which cannot be more than there are bytes, or than are looked at.
    fn count(&self, argument: u64) -> Option<usize> {
        let count = usize::try_from(argument).ok()?;
        (count <= self.items && count <= self.rest.len()).then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_authenticators_write_is_read() {
        let map = Value::read_all(&[0xa2, 0x01, 0x02, 0x63, b'f', b'm', b't', 0x81, 0xf5]).unwrap();
        assert_eq!(map.int_at(1), Some(2));
        assert_eq!(map.at(&Value::Text("fmt")), Some(&Value::Array(vec![Value::Bool(true)])));
        assert_eq!(Value::read_all(&[0x39, 0x01, 0x00]), Some(Value::Int(-257)));
        assert_eq!(Value::read(&[0x41, 7, 9]), Some((Value::Bytes(&[7]), &[9][..])));
    }

    #[test]
    fn anything_looser_is_refused() {
        let deep = [vec![0x81; DEEPEST + 1], vec![0x00]].concat();
        let refused: [&[u8]; 12] = [
            &[],
            &[0x18, 0x17],                                           // not the shortest form
            &[0x19, 0x00, 0xff],                                     // nor this
            &[0x5f, 0x41, 0x00, 0xff],                               // no definite length
            &[0x42, 0x00],                                           // too short
            &[0xa2, 0x01, 0x00, 0x01, 0x00],                         // a key twice
            &[0xf9, 0x00, 0x00],                                     // a number with a fraction
            &[0xc0, 0x00],                                           // a tag
            &[0x00, 0x00],                                           // more after the end
            &[0x61, 0xff],                                           // no text
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // more than there is
            &deep,
        ];
        for input in refused {
            assert_eq!(Value::read_all(input), None, "{input:02x?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(input in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = Value::read(&input);
        }
    }
}
