//! Types that are a text which was looked at: made by `FromStr` alone, and a plain text to everybody else.

/// What such types have in common, beside their `FromStr`: `as_text!(Name: NameError)`.
macro_rules! as_text {
    ($($name:ident: $error:ty),*) => {$(
        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(given: String) -> Result<Self, $error> {
                given.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
pub(crate) use as_text;
