//! Devices of a user as `preauth` lists them and `auth` names them.

use serde::{Deserialize, Serialize};

use super::super::call::Call;
use super::super::params::{ParamError, Params};
use super::super::text::printable_line;
use super::MAX_ID;

/// What a phone can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// The best of the others, chosen by the server.
    Auto,
    /// Passcodes made on the phone.
    MobileOtp,
    Phone,
    Push,
    Sms,
}

impl Capability {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "mobile_otp" => Some(Self::MobileOtp),
            "phone" => Some(Self::Phone),
            "push" => Some(Self::Push),
            "sms" => Some(Self::Sms),
            _ => None,
        }
    }
}

/// A device, the preferred one first in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The id to name it by.
    pub device: String,
    /// The label; of a token its serial number. May be empty.
    pub name: String,
    #[serde(flatten)]
    pub kind: DeviceKind,
}

/// What sort of device it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum DeviceKind {
    Phone {
        /// Masked, like `XXX-XXX-4788`; empty for a device without number.
        number: String,
        display_name: String,
        capabilities: Vec<Capability>,
        /// How the next texted passcode starts, while any are outstanding.
        #[serde(skip_serializing_if = "Option::is_none")]
        sms_nextcode: Option<String>,
    },
    Token,
}

impl Device {
    /// How the device is called towards its owner: number, else label, else model, else id.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        let choices = match &self.kind {
            DeviceKind::Phone { number, display_name, .. } => {
                [number.as_str(), &self.name, display_name, &self.device]
            }
            DeviceKind::Token => [self.name.as_str(), &self.device, "", ""],
        };
        choices.into_iter().find(|choice| !choice.is_empty()).unwrap_or_default()
    }

    /// Whether the device is a phone that can do this.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        match &self.kind {
            DeviceKind::Phone { capabilities, .. } => capabilities.contains(&capability),
            DeviceKind::Token => false,
        }
    }
}

/// A device as a service sends it. Kinds and capabilities we do not know are left out.
#[derive(Deserialize)]
pub(super) struct DeviceBody {
    device: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    capabilities: Vec<String>,
    sms_nextcode: Option<String>,
}

impl DeviceBody {
    pub(super) fn device(self) -> Option<Device> {
        let line = |text: &str| printable_line(text, 256);
        let kind = match self.kind.as_str() {
            "phone" => DeviceKind::Phone {
                number: line(&self.number),
                display_name: line(&self.display_name),
                capabilities: self.capabilities.iter().filter_map(|text| Capability::parse(text)).collect(),
                sms_nextcode: self.sms_nextcode.as_deref().map(line),
            },
            "token" => DeviceKind::Token,
            _ => return None,
        };
        Some(Device { device: line(&self.device), name: line(&self.name), kind })
    }
}

/// Which device an `auth` is to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceRef {
    /// The first one that can.
    Auto,
    Id(String),
}

impl DeviceRef {
    pub(super) fn read(params: &Params) -> Result<Self, ParamError> {
        let text = params.required_line("device", MAX_ID)?;
        Ok(if text.eq_ignore_ascii_case("auto") { Self::Auto } else { Self::Id(text) })
    }

    pub(super) fn write(&self, call: Call) -> Call {
        call.with(
            "device",
            match self {
                Self::Auto => "auto",
                Self::Id(id) => id,
            },
        )
    }
}
