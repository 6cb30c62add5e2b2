//! The registry of ids, alphabetical: UUIDv7 behind a readable prefix, so that an id says what it names and
//! sorts by the time it was made. Fresh UUIDs are brought by the caller.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An id whose prefix is not the expected one, or whose tail is no UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not an id of this kind, which looks like `{prefix}_` and 32 hexadecimal digits")]
pub struct IdError {
    pub given: String,
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(given: &str) -> Result<Self, IdError> {
                given
                    .strip_prefix(Self::PREFIX)
                    .and_then(|tail| tail.strip_prefix('_'))
                    .filter(|tail| tail.len() == 32)
                    .and_then(|tail| Uuid::try_parse(tail).ok())
                    .map(Self)
                    .ok_or_else(|| IdError { given: given.chars().take(80).collect(), prefix: Self::PREFIX })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    AccessRuleId = "acr";
    AlarmId = "alm";
    ApplicationId = "app";
    BindingId = "bnd";
    ChallengeId = "chl";
    CommandId = "cmd";
    ConnectorId = "con";
    DeviceId = "dev";
    EnrollmentTokenId = "ent";
    ExportRunId = "exr";
    FactorId = "fct";
    GroupId = "grp";
    HardwareTokenId = "hwt";
    OrgId = "org";
    PolicyId = "pol";
    ResetId = "rst";
    RunId = "run";
    SessionId = "ses";
    SignInId = "sgn";
    SigningKeyId = "key";
    SprayId = "spr";
    TelephonyRecordId = "tel";
    TokenId = "tok";
    UserId = "usr";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_refuses_other_kinds() {
        let id = UserId::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "usr_01900000000070008000000000000001");
        assert_eq!(id.to_string().parse::<UserId>(), Ok(id));
        for bad in [
            "grp_01900000000070008000000000000001",
            "usr_",
            "usr_0190",
            "",
            "usr_{01900000000070008000000000000001}",
        ] {
            assert!(bad.parse::<UserId>().is_err(), "{bad}");
        }
    }
}
