//! Capabilities that a system does not have yet. Each says so; none pretends.

pub mod accounts {
    //! Accounts.

    use sallyport_api::agent::{ActualAccount, DesiredState};

    use crate::{core::Standing, paths::Paths, platform::PlatformError};

    /// There are none.
    #[derive(Debug, Default)]
    pub struct Answers(());

    /// # Errors
    /// Always.
    pub fn apply(
        _state: &DesiredState,
        _paths: &Paths,
        _answers: &mut Answers,
    ) -> Result<Vec<ActualAccount>, PlatformError> {
        Err(PlatformError::Unsupported("keeping accounts"))
    }

    /// Nobody can say, and doubt denies.
    #[must_use]
    pub fn standing(_name: &str, _paths: &Paths) -> Standing {
        Standing::Unknown
    }

    /// There are none.
    #[must_use]
    pub fn is_active(_name: &str, _paths: &Paths) -> bool {
        false
    }
}

pub mod commands {
    //! Commands.

    use std::io::Empty;

    use sallyport_api::agent::RunOrder;

    use crate::{core::Ending, paths::Paths, platform::PlatformError};

    /// There is none.
    pub struct Program(());

    /// Of no program.
    #[derive(Debug, Clone)]
    pub struct Stopper(());

    /// # Errors
    /// Always.
    pub fn start(_order: &RunOrder, _paths: &Paths) -> Result<Program, PlatformError> {
        Err(PlatformError::Unsupported("running commands"))
    }

    impl Program {
        #[must_use]
        pub fn stopper(&self) -> Stopper {
            Stopper(self.0)
        }

        pub fn take_output(&mut self) -> (Option<Empty>, Option<Empty>) {
            (None, None)
        }

        #[must_use]
        pub fn wait(self) -> Ending {
            Ending::NotStarted { reason: "there is no program".to_owned() }
        }
    }

    impl Stopper {
        pub fn stop(&self) {
            let () = self.0;
        }
    }

    /// # Errors
    /// Never: there is nothing to prepare.
    pub fn prepare(_paths: &Paths) -> Result<(), PlatformError> {
        Ok(())
    }
}

pub mod login {
    //! The login component.

    use sallyport_api::agent::{ComponentState, DesiredLogin};

    use crate::{paths::Paths, platform::PlatformError};

    /// What `login status` shows of one service.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct ServiceStatus {
        pub service: String,
        pub wanted: bool,
        pub present: bool,
        pub enabled: bool,
        pub composed: bool,
    }

    const WHAT: &str = "the second door in front of logins";

    /// Nothing is ever changed.
    pub struct Lock(());

    /// # Errors
    /// Never.
    pub fn lock(_paths: &Paths) -> Result<Lock, PlatformError> {
        Ok(Lock(()))
    }

    /// # Errors
    /// Never.
    pub fn try_lock(_paths: &Paths) -> Result<Option<Lock>, PlatformError> {
        Ok(Some(Lock(())))
    }

    /// # Errors
    /// Always.
    pub fn enable(_login: &DesiredLogin, _paths: &Paths) -> Result<Vec<String>, PlatformError> {
        Err(PlatformError::Unsupported(WHAT))
    }

    /// # Errors
    /// Never: it stands nowhere.
    pub fn follow(_login: &DesiredLogin, _paths: &Paths) -> Result<bool, PlatformError> {
        Ok(false)
    }

    /// # Errors
    /// Never: it stands nowhere.
    pub fn disable(_paths: &Paths) -> Result<Vec<String>, PlatformError> {
        Ok(Vec::new())
    }

    /// # Errors
    /// Always.
    pub fn status(_services: &[String], _paths: &Paths) -> Result<Vec<ServiceStatus>, PlatformError> {
        Err(PlatformError::Unsupported(WHAT))
    }

    #[must_use]
    pub fn is_installed(_paths: &Paths) -> bool {
        false
    }

    /// # Errors
    /// Never: nothing was changed.
    pub fn recover(_paths: &Paths) -> Result<bool, PlatformError> {
        Ok(false)
    }

    #[must_use]
    pub fn state(_login: &DesiredLogin, _paths: &Paths) -> ComponentState {
        ComponentState::Unsupported
    }
}

pub mod network {
    //! Whether the machine has a network.

    use crate::paths::Paths;

    /// Nobody can say, and then it has.
    #[must_use]
    pub fn is_up(_paths: &Paths) -> bool {
        true
    }
}

pub mod packages {
    //! Packages.

    use std::path::Path;

    use crate::platform::PlatformError;

    const WHAT: &str = "installing packages";

    /// # Errors
    /// Always.
    pub fn architecture() -> Result<String, PlatformError> {
        Err(PlatformError::Unsupported(WHAT))
    }

    /// # Errors
    /// Always.
    pub fn installed(_name: &str) -> Result<Option<String>, PlatformError> {
        Err(PlatformError::Unsupported(WHAT))
    }

    /// # Errors
    /// Always.
    pub fn install(_file: &Path) -> Result<String, PlatformError> {
        Err(PlatformError::Unsupported(WHAT))
    }
}

#[cfg(unix)]
pub mod scope {
    //! Whom a machine that is not enrolled asks for the second door.

    use crate::{core::Standing, paths::Paths};

    /// Everybody.
    #[must_use]
    pub fn standing(_user: &str, _paths: &Paths) -> Standing {
        Standing::Active
    }
}
