//! May this caller do this? Every use case asks here, and only here.

use sallyport_model::{Action, Grant, Role, User, access};

use crate::{AppError, Caller, Ctx};

impl Ctx {
    /// Refuses unless the caller may use `action`.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`] for nobody, [`AppError::Denied`] for somebody without the right.
    pub fn allow(&self, action: Action) -> Result<(), AppError> {
        let allowed = match &self.caller {
            Caller::Nobody => return Err(AppError::Unauthenticated),
            Caller::LocalAdmin | Caller::System { .. } => true,
            Caller::AdminApi { grants, .. } => {
                Grant::for_action(action).iter().any(|grant| grants.contains(grant))
            }
            Caller::Token { role, .. } => access::allows(*role, action),
            Caller::Person { roles, .. } => roles.iter().any(|role| access::allows(*role, action)),
            Caller::Device { .. } | Caller::Application { .. } => false,
        };
        if allowed { Ok(()) } else { Err(AppError::Denied(action)) }
    }

    /// Refuses unless the caller may act upon `user`: nobody reaches above their own rights. People may always
    /// act upon themselves where the use case lets them.
    ///
    /// # Errors
    /// [`AppError::AboveOwnRights`].
    pub fn allow_upon(&self, user: &User) -> Result<(), AppError> {
        if user.roles.is_empty() {
            return self.allow_granting(None);
        }
        user.roles.iter().try_for_each(|role| self.allow_granting(Some(*role)))
    }

    /// Refuses unless the caller may hand out `role`.
    ///
    /// # Errors
    /// [`AppError::AboveOwnRights`].
    pub fn allow_granting(&self, role: Option<Role>) -> Result<(), AppError> {
        let allowed = match &self.caller {
            Caller::LocalAdmin | Caller::System { .. } => true,
            // Keys in some other system's settings reach nobody who administers this one.
            Caller::AdminApi { .. } => role.is_none(),
            Caller::Token { role: own, .. } => own.may_touch(role),
            Caller::Person { roles, .. } => roles.iter().any(|own| own.may_touch(role)),
            Caller::Nobody | Caller::Device { .. } | Caller::Application { .. } => false,
        };
        if allowed { Ok(()) } else { Err(AppError::AboveOwnRights) }
    }

    /// The person who is calling, where only a person will do.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`].
    pub fn person(&self) -> Result<sallyport_model::id::UserId, AppError> {
        match &self.caller {
            Caller::Person { id, .. } => Ok(*id),
            Caller::AdminApi { .. }
            | Caller::Nobody
            | Caller::LocalAdmin
            | Caller::System { .. }
            | Caller::Token { .. }
            | Caller::Device { .. }
            | Caller::Application { .. } => Err(AppError::Unauthenticated),
        }
    }

    /// Whether it is this person who is calling.
    #[must_use]
    pub fn is_person(&self, user: sallyport_model::id::UserId) -> bool {
        matches!(&self.caller, Caller::Person { id, .. } if *id == user)
    }
}
