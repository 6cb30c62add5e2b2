//! From a verdict to the code that libpam gets: one closed table.
//!
//! A [`Code`] can only be made in this file, and only one arm of the table makes `authenticate` succeed. Whatever
//! goes wrong anywhere else can therefore end in nothing but a refusal.

use libc::c_int;
use sallyport_ipc::login::Verdict;

/// The stages in which the agent has a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// `pam_sm_acct_mgmt`
    Account,
    /// `pam_sm_authenticate`
    Authenticate,
}

/// What a module function returns to libpam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(c_int);

impl Code {
    pub(crate) fn of<E>(stage: Stage, outcome: &Result<Verdict, E>) -> Self {
        match outcome {
            Ok(Verdict::Allow) => Self(PAM_SUCCESS),
            Ok(Verdict::Exempt) => Self(PAM_IGNORE),
            Ok(Verdict::Unavailable) => Self(PAM_AUTHINFO_UNAVAIL),
            Ok(Verdict::Deny) | Err(_) => Self::denied(stage),
        }
    }

    pub(crate) const fn denied(stage: Stage) -> Self {
        match stage {
            Stage::Account => Self(PAM_PERM_DENIED),
            Stage::Authenticate => Self(PAM_AUTH_ERR),
        }
    }

    /// For stages we have nothing to do with: the other modules of the stack decide.
    pub(crate) const fn not_ours() -> Self {
        Self(PAM_IGNORE)
    }

    /// For `pam_sm_setcred`: there are no credentials to set. libpam weighs this code by what `authenticate`
    /// answered, and a stack in which every module ignored `setcred` would refuse a login that was allowed.
    pub(crate) const fn no_credentials_to_set() -> Self {
        Self(PAM_SUCCESS)
    }

    pub(crate) const fn to_c(self) -> c_int {
        self.0
    }
}

// Linux-PAM, security/_pam_types.h
const PAM_SUCCESS: c_int = 0;
const PAM_PERM_DENIED: c_int = 6;
const PAM_AUTH_ERR: c_int = 7;
const PAM_AUTHINFO_UNAVAIL: c_int = 9;
const PAM_IGNORE: c_int = 25;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_table_is_closed() {
        let rows = [
            (Ok(Verdict::Allow), 0, 0),
            (Ok(Verdict::Exempt), 25, 25),
            (Ok(Verdict::Deny), 7, 6),
            (Ok(Verdict::Unavailable), 9, 9),
            (Err(()), 7, 6),
        ];
        for (outcome, authenticate, account) in rows {
            assert_eq!(Code::of(Stage::Authenticate, &outcome).to_c(), authenticate, "{outcome:?}");
            assert_eq!(Code::of(Stage::Account, &outcome).to_c(), account, "{outcome:?}");
        }
    }

    /// Success leaves the crate through one arm of the table; the other place is not a decision, and stands
    /// behind the one stage that cannot let anybody in.
    #[test]
    fn one_statement_of_the_crate_lets_somebody_in() {
        assert_eq!(
            lines_with("PAM_SUCCESS"),
            [
                "Ok(Verdict::Allow) => Self(PAM_SUCCESS),",
                "Self(PAM_SUCCESS)",
                "const PAM_SUCCESS: c_int = 0;"
            ]
        );
        assert_eq!(
            lines_with("no_credentials_to_set"),
            ["Code::no_credentials_to_set().to_c()", "pub(crate) const fn no_credentials_to_set() -> Self {"]
        );
        assert_eq!(lines_with("Code(").len(), 1, "codes are made through `Self`, in their own file");
    }

    fn lines_with(word: &str) -> Vec<String> {
        // Of the tree that is tested: a test program out of a shared target folder may have been built in another one.
        let source = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("src");
        let mut lines = Vec::new();
        for entry in fs::read_dir(source).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let text = fs::read_to_string(&path).unwrap();
                let shipped = text.split("#[cfg(test)]").next().unwrap();
                let found = shipped.lines().map(str::trim).filter(|line| line.contains(word));
                lines.extend(found.filter(|line| !line.starts_with("//")).map(str::to_owned));
            }
        }
        lines.sort();
        lines
    }
}
