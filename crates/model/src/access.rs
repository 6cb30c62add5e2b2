//! Who may do what: one function for all verbs and all ways in.

use serde::{Deserialize, Serialize};

/// An administrator's role. People without one may only look after themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Administrator,
    Auditor,
    CommandRunner,
    HelpDesk,
    Owner,
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::Owner, Self::Administrator, Self::HelpDesk, Self::Auditor, Self::CommandRunner];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::CommandRunner => "command_runner",
            Self::HelpDesk => "help_desk",
            Self::Owner => "owner",
        }
    }

    /// Whether somebody with this role may hand out, or act upon holders of, `other`: nobody reaches above
    /// their own rights.
    #[must_use]
    pub const fn may_touch(self, other: Option<Self>) -> bool {
        match (self, other) {
            (Self::Owner, _) | (Self::Administrator | Self::HelpDesk, None) => true,
            (Self::Administrator, Some(Self::HelpDesk | Self::Auditor | Self::CommandRunner)) => true,
            (Self::Administrator, Some(Self::Owner | Self::Administrator))
            | (Self::HelpDesk, Some(_))
            | (Self::Auditor | Self::CommandRunner, _) => false,
        }
    }
}

/// Every verb an administrator can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    ReadDirectory,
    ReadSignIns,
    ReadAudit,
    ReadSettings,
    ChangeSettings,
    CreateUser,
    UpdateUser,
    SuspendUser,
    SetPassword,
    GrantRole,
    ManageFactors,
    ManageHardwareTokens,
    ManageGroups,
    ManageBindings,
    ManageDevices,
    EnrollDevices,
    RevealBreakGlass,
    ManageApplications,
    ManageConnectors,
    ReadRuns,
    WriteCommands,
    LaunchCommands,
    ManageTokens,
}

impl Action {
    pub const ALL: [Self; 23] = [
        Self::ReadDirectory,
        Self::ReadSignIns,
        Self::ReadAudit,
        Self::ReadSettings,
        Self::ChangeSettings,
        Self::CreateUser,
        Self::UpdateUser,
        Self::SuspendUser,
        Self::SetPassword,
        Self::GrantRole,
        Self::ManageFactors,
        Self::ManageHardwareTokens,
        Self::ManageGroups,
        Self::ManageBindings,
        Self::ManageDevices,
        Self::EnrollDevices,
        Self::RevealBreakGlass,
        Self::ManageApplications,
        Self::ManageConnectors,
        Self::ReadRuns,
        Self::WriteCommands,
        Self::LaunchCommands,
        Self::ManageTokens,
    ];

    /// What it allows, to follow "the right to".
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::ReadDirectory => "read the directory",
            Self::ReadSignIns => "read sign-ins",
            Self::ReadAudit => "read the audit trail",
            Self::ReadSettings => "read settings",
            Self::ChangeSettings => "change settings",
            Self::CreateUser => "create users",
            Self::UpdateUser => "update users",
            Self::SuspendUser => "suspend and activate users",
            Self::SetPassword => "set passwords",
            Self::GrantRole => "grant roles",
            Self::ManageFactors => "manage factors",
            Self::ManageHardwareTokens => "import and delete hardware tokens",
            Self::ManageGroups => "manage groups",
            Self::ManageBindings => "manage bindings",
            Self::ManageDevices => "manage devices",
            Self::EnrollDevices => "enrol devices",
            Self::RevealBreakGlass => "reveal break-glass codes",
            Self::ManageApplications => "manage applications",
            Self::ManageConnectors => "manage connectors",
            Self::ReadRuns => "read runs",
            Self::WriteCommands => "write commands",
            Self::LaunchCommands => "launch commands",
            Self::ManageTokens => "manage API tokens",
        }
    }
}

/// Whether `role` may use `action` at all. Exhaustive on both sides: a new verb or role does not compile until
/// somebody has decided.
#[must_use]
pub const fn allows(role: Role, action: Action) -> bool {
    match role {
        Role::Owner => true,
        Role::Administrator => match action {
            Action::ReadDirectory
            | Action::ReadSignIns
            | Action::ReadAudit
            | Action::ReadSettings
            | Action::CreateUser
            | Action::UpdateUser
            | Action::SuspendUser
            | Action::SetPassword
            | Action::GrantRole
            | Action::ManageFactors
            | Action::ManageHardwareTokens
            | Action::ManageGroups
            | Action::ManageBindings
            | Action::ManageDevices
            | Action::EnrollDevices
            | Action::ManageApplications
            | Action::ManageConnectors
            | Action::ReadRuns
            | Action::WriteCommands
            | Action::LaunchCommands => true,
            Action::ChangeSettings | Action::RevealBreakGlass | Action::ManageTokens => false,
        },
        Role::HelpDesk => match action {
            Action::ReadDirectory
            | Action::ReadSignIns
            | Action::SuspendUser
            | Action::SetPassword
            | Action::ManageFactors => true,
            Action::ReadAudit
            | Action::ReadSettings
            | Action::ChangeSettings
            | Action::CreateUser
            | Action::UpdateUser
            | Action::GrantRole
            | Action::ManageHardwareTokens
            | Action::ManageGroups
            | Action::ManageBindings
            | Action::ManageDevices
            | Action::EnrollDevices
            | Action::RevealBreakGlass
            | Action::ManageApplications
            | Action::ManageConnectors
            | Action::ReadRuns
            | Action::WriteCommands
            | Action::LaunchCommands
            | Action::ManageTokens => false,
        },
        Role::Auditor => match action {
            Action::ReadDirectory
            | Action::ReadSignIns
            | Action::ReadAudit
            | Action::ReadSettings
            | Action::ReadRuns => true,
            Action::ChangeSettings
            | Action::CreateUser
            | Action::UpdateUser
            | Action::SuspendUser
            | Action::SetPassword
            | Action::GrantRole
            | Action::ManageFactors
            | Action::ManageHardwareTokens
            | Action::ManageGroups
            | Action::ManageBindings
            | Action::ManageDevices
            | Action::EnrollDevices
            | Action::RevealBreakGlass
            | Action::ManageApplications
            | Action::ManageConnectors
            | Action::WriteCommands
            | Action::LaunchCommands
            | Action::ManageTokens => false,
        },
        Role::CommandRunner => match action {
            Action::ReadDirectory | Action::ReadRuns | Action::LaunchCommands => true,
            Action::ReadSignIns
            | Action::ReadAudit
            | Action::ReadSettings
            | Action::ChangeSettings
            | Action::CreateUser
            | Action::UpdateUser
            | Action::SuspendUser
            | Action::SetPassword
            | Action::GrantRole
            | Action::ManageFactors
            | Action::ManageHardwareTokens
            | Action::ManageGroups
            | Action::ManageBindings
            | Action::ManageDevices
            | Action::EnrollDevices
            | Action::RevealBreakGlass
            | Action::ManageApplications
            | Action::ManageConnectors
            | Action::WriteCommands
            | Action::ManageTokens => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reaches_above_their_own_rights() {
        for role in Role::ALL {
            for other in Role::ALL {
                if role.may_touch(Some(other)) {
                    assert!(
                        Action::ALL.iter().all(|action| !allows(other, *action) || allows(role, *action)),
                        "{role:?} could make {other:?}, which may more"
                    );
                }
            }
        }
    }
}
