use proptest::prelude::*;

use super::*;

const COMMON_AUTH: &str = "\
# here are the per-package modules (the \"Primary\" block)
auth\t[success=1 default=ignore]\tpam_unix.so nullok
auth\trequisite\t\t\tpam_deny.so
auth\trequired\t\t\tpam_permit.so
auth\toptional\t\t\tpam_cap.so
";
const COMMON_ACCOUNT: &str = "\
account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so
account\trequisite\t\t\tpam_deny.so
account\trequired\t\t\tpam_permit.so
";

fn debian(name: &str) -> Option<String> {
    match name {
        "common-auth" => Some(COMMON_AUTH.to_owned()),
        "common-account" => Some(COMMON_ACCOUNT.to_owned()),
        "common-session" => Some("session required pam_unix.so\n".to_owned()),
        _ => None,
    }
}

#[test]
fn debian_sshd_gets_three_lines_and_loses_them_again() {
    let sshd = "\
# PAM configuration for the Secure Shell service
@include common-auth
account    required     pam_nologin.so
@include common-account
session [success=ok ignore=ignore module_unknown=ignore default=bad] pam_selinux.so close
@include common-session
";
    let edited = enabled(sshd, true, &debian).unwrap();
    assert_eq!(
        edited,
        "\
# PAM configuration for the Secure Shell service
auth optional pam_sallyport.so compose # added by sallyport-agent
@include common-auth
auth required pam_sallyport.so # added by sallyport-agent
account required pam_sallyport.so # added by sallyport-agent
account    required     pam_nologin.so
@include common-account
session [success=ok ignore=ignore module_unknown=ignore default=bad] pam_selinux.so close
@include common-session
"
    );
    assert!(is_covered(&edited, &debian).unwrap() && !is_covered(sshd, &debian).unwrap());
    assert_eq!(enabled(&edited, true, &debian).unwrap(), edited);
    assert_eq!((disabled(&edited), freed(&edited)), (sshd.to_owned(), sshd.to_owned()));
    // As it was written before there was a line that composes, and as it is where none is wanted.
    let older = edited.replace("auth optional pam_sallyport.so compose # added by sallyport-agent\n", "");
    assert_eq!(enabled(&edited, false, &debian).unwrap(), older);
    assert_eq!(enabled(&older, true, &debian).unwrap(), edited);
    assert!(composes(&edited, &debian) && !composes(&older, &debian) && is_covered(&older, &debian).unwrap());
}

#[test]
fn debian_su_and_login_are_edited_behind_their_last_auth_line() {
    let su = "auth       sufficient pam_rootok.so\n@include common-auth\n@include common-account\n";
    assert!(enabled(su, true, &debian).unwrap().contains("common-auth\nauth required pam_sallyport.so"));
    let login = "\
auth       optional   pam_faildelay.so  delay=3000000
auth       requisite  pam_nologin.so
@include common-auth
auth       optional   pam_group.so
@include common-account";
    let edited = enabled(login, true, &debian).unwrap();
    assert!(edited.contains("pam_group.so\nauth required pam_sallyport.so"), "{edited}");
    assert_eq!(disabled(&edited).trim_end(), login);
}

#[test]
fn a_stack_that_goes_round_the_second_door_is_refused() {
    for bypass in [
        "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
        "auth [success=done default=ignore] pam_unix.so\n",
        "auth [success=2 default=ignore] pam_unix.so\nauth required pam_deny.so\n",
        "auth [default=done] pam_sss.so\nauth required pam_unix.so\n",
    ] {
        let refused = enabled(&format!("{bypass}account required pam_unix.so\n"), true, &debian);
        assert!(matches!(refused, Err(PamError::Bypass { line: 1, .. })), "{bypass} {refused:?}");
    }
    let included = |name: &str| (name == "x").then(|| "auth sufficient pam_unix.so\n".to_owned());
    for line in ["@include x\n", "auth include x\n", "auth substack x\n"] {
        assert!(matches!(enabled(line, true, &included), Err(PamError::Bypass { .. })), "{line}");
    }
}

#[test]
fn a_first_door_that_stays_shut_must_end_the_login() {
    for (stack, line) in [
        ("auth required pam_unix.so\n", 1),
        ("auth optional pam_unix.so\n", 1),
        ("auth required pam_env.so\nauth required pam_sss.so\nauth required pam_permit.so\n", 2),
        ("auth [success=ok default=bad] /lib/security/pam_unix.so\n", 1),
        ("auth [success=ok user_unknown=ignore default=die] pam_sss.so\n", 1),
        (
            "auth [success=1 default=ignore] pam_unix.so\nauth required pam_deny.so\nauth required pam_permit.so\n",
            1,
        ),
        ("auth required pam_unix.so\nauth requisite pam_sss.so\n", 1),
        // `die` ends no more than the substack.
        ("auth substack common-auth\n", 1),
    ] {
        let refused = enabled(stack, true, &debian);
        assert!(
            matches!(refused, Err(PamError::Vouch { line: found, .. }) if found == line),
            "{stack} {refused:?}"
        );
    }
    for stack in
        ["auth required pam_permit.so\n", "auth required pam_env.so\nauth sufficient pam_rootok.so\n"]
    {
        assert_eq!(enabled(stack, true, &debian), Err(PamError::NoFirstDoor), "{stack}");
    }
}

#[test]
fn a_stop_behind_the_first_door_is_enough() {
    for stack in [
        "auth requisite pam_unix.so\n",
        "auth required pam_nologin.so\nauth requisite pam_unix.so\nauth optional pam_cap.so\n",
        "auth [success=ok ignore=ignore default=die] pam_unix.so\n",
        "auth include common-auth\n",
        "auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=ignore] pam_sss.so use_first_pass\n\
         auth requisite pam_deny.so\nauth required pam_permit.so\nauth optional pam_ecryptfs.so unwrap\n",
        "auth required pam_faillock.so preauth\nauth [success=1 default=bad] pam_unix.so\n\
         auth [default=die] pam_faillock.so authfail\nauth required pam_permit.so\n",
    ] {
        assert!(enabled(stack, true, &debian).is_ok(), "{stack} {:?}", enabled(stack, true, &debian));
    }
}

#[test]
fn what_is_no_pam_file_is_not_touched() {
    for bad in [
        "auth\n",
        "auth required\n",
        "root ALL=(ALL) ALL\n",
        "auth what pam_unix.so\n",
        "auth [success=1 pam_unix.so\n",
        "auth required pam_unix.so \\\n debug\n",
    ] {
        assert!(matches!(enabled(bad, true, &debian), Err(PamError::Syntax { .. })), "{bad:?}");
    }
    assert_eq!(enabled("session required pam_unix.so\n", true, &debian), Err(PamError::NoAuth));
    let circular = |_: &str| Some("@include again\n".to_owned());
    assert_eq!(enabled("@include again\n", true, &circular), Err(PamError::Nested));
}

#[test]
fn a_line_that_only_looks_right_is_refused_by_what_is_wrong_with_it() {
    // For libpam these are modules of other names.
    for (end, code, shown) in [
        ("\r", "U+000D", "pam_unix.so\\r`"),
        ("\u{a0}", "U+00A0", "pam_unix.so\\u{a0}`"),
        ("\0", "U+0000", "pam_unix.so\\0`"),
    ] {
        let said = enabled(&format!("# ours\nauth requisite pam_unix.so{end}\n"), true, &debian)
            .unwrap_err()
            .to_string();
        for part in ["line 2", code, shown] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

#[test]
fn a_comment_about_the_module_is_left_alone() {
    let text = "# pam_sallyport.so used to be here\n@include common-auth\n";
    assert_eq!(disabled(text), text);
    assert!(!is_covered(text, &debian).unwrap());
}

proptest! {
    #[test]
    fn what_was_put_in_comes_out_exactly(
        lines in prop::collection::vec(prop::sample::select(vec![
            "", "# a comment", "@include common-auth", "@include common-account", "@include common-session",
            "auth required pam_env.so", "account required pam_access.so", "session optional pam_motd.so",
            "-session optional pam_systemd.so", "password required pam_unix.so",
        ]), 0..12),
        end in any::<bool>(),
    ) {
        let mut text = lines.join("\n");
        if end { text.push('\n'); }
        if let Ok(edited) = enabled(&text, true, &debian) {
            prop_assert!(is_covered(&edited, &debian).unwrap());
            prop_assert_eq!(enabled(&edited, true, &debian).unwrap(), edited.clone());
            let again = disabled(&edited);
            prop_assert_eq!(again.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }
    }
}

#[test]
fn a_service_that_leads_to_another_is_told_from_one_of_its_own() {
    let su_l = "#%PAM-1.0\nauth\t\tinclude\t\tsu\nsession optional pam_keyinit.so force revoke\n";
    assert!(includes(su_l, "su"));
    assert!(includes("auth substack sudo\n", "sudo"));
    assert!(includes("@include sudo\n", "sudo"));
    assert!(!includes("session required pam_limits.so\n@include common-auth\n", "sudo"));
    assert!(!includes("session include sudo\n# auth include sudo\n", "sudo"));
}

#[test]
fn a_rehearsal_has_every_line_where_it_was_and_asks_nobody_for_a_password() {
    let text = "auth sufficient pam_rootok.so\nauth required pam_faildelay.so delay=3\n@include common-auth\n\
        @include common-account\nsession required pam_limits.so\n";
    let enabled = enabled(text, true, &debian).unwrap();
    let expected = "\
auth optional pam_permit.so
auth required pam_faildelay.so delay=3
auth optional pam_sallyport.so compose # added by sallyport-agent
auth [success=1 default=ignore] pam_permit.so
auth\trequisite\t\t\tpam_deny.so
auth\trequired\t\t\tpam_permit.so
auth\toptional\t\t\tpam_cap.so
auth required pam_sallyport.so # added by sallyport-agent
account required pam_sallyport.so # added by sallyport-agent
";
    let copy = rehearsal(&enabled, &debian).unwrap();
    assert_eq!(copy, format!("{expected}{COMMON_ACCOUNT}"));
    assert_eq!(rehearsal("auth substack common-auth\n", &debian), None, "it would ask there");
    assert_eq!(rehearsal("auth include missing\n", &debian), None);
}

/// The line in front of which passwords are composed.
fn composed_before(text: &str, included: &Included<'_>) -> Option<String> {
    let edited = enabled(text, true, included).unwrap();
    assert_eq!(enabled(&edited, true, included).unwrap(), edited);
    assert_eq!(disabled(&edited), format!("{text}"));
    let mut lines = edited.lines().skip_while(|line| !line.contains("pam_sallyport.so compose"));
    let found = lines.nth(1).map(str::to_owned);
    assert_eq!(composes(&edited, included), found.is_some(), "{edited}");
    found
}

#[test]
fn passwords_are_composed_directly_before_the_first_door() {
    let end = "account required pam_unix.so\n";
    let included = |name: &str| match name {
        "locked" => Some(format!("auth requisite pam_faillock.so preauth\n{COMMON_AUTH}")),
        "nested" => Some("@include common-auth\n".to_owned()),
        other => debian(other),
    };
    for (stack, before) in [
        ("auth requisite pam_unix.so nullok\n", "auth requisite pam_unix.so nullok"),
        ("auth sufficient pam_rootok.so\n@include common-auth\n", "@include common-auth"),
        (
            "auth required pam_env.so\nauth include nested\nauth optional pam_group.so\n",
            "auth include nested",
        ),
        ("auth requisite pam_nologin.so\n@include locked\n", "@include locked"),
        // A jump that ends where the line is, and one that begins behind it.
        (
            "auth [success=1 default=ignore] pam_succeed_if.so user = a\nauth required pam_env.so\n@include common-auth\n",
            "@include common-auth",
        ),
        (
            "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
            "auth [success=1 default=ignore] pam_unix.so",
        ),
    ] {
        let found = composed_before(&format!("{stack}{end}"), &included);
        assert_eq!(found.as_deref(), Some(before), "{stack}");
    }
}

/// Where it would shift a jump, ask twice, or ask somebody who is not asked there.
#[test]
fn passwords_are_not_composed_where_the_line_would_change_anything_else() {
    let end = "account required pam_unix.so\n";
    let included = |name: &str| match name {
        "rootok" => Some(format!("auth sufficient pam_rootok.so\n{COMMON_AUTH}")),
        "jumps" => Some(format!(
            "auth [success=1 default=ignore] pam_localuser.so\nauth requisite pam_sss.so\n{COMMON_AUTH}"
        )),
        "env" => Some("auth required pam_env.so\n".to_owned()),
        other => debian(other),
    };
    for stack in [
        // Over the line, to another door or behind the same one.
        "auth [success=1 default=ignore] pam_localuser.so\nauth [success=1 default=die] pam_unix.so\nauth requisite pam_sss.so\n",
        "auth [success=2 default=ignore] pam_localuser.so\nauth required pam_env.so\nauth [success=1 default=die] pam_unix.so\nauth requisite pam_sss.so\n",
        // A substack counts as one line, whatever is in it.
        "auth [success=1 default=ignore] pam_localuser.so\nauth substack env\n@include common-auth\n",
        "@include jumps\n",
        "@include rootok\n",
        // These ask by themselves, or for something else first.
        "auth requisite pam_sss.so\n",
        "auth [success=2 default=ignore] pam_fprintd.so\n@include common-auth\n",
        "auth [success=2 default=ignore] pam_krb5.so\nauth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
        // Somebody is to have asked already.
        "auth requisite pam_unix.so use_first_pass\n",
    ] {
        let edited = enabled(&format!("{stack}{end}"), true, &included).expect(stack);
        assert_eq!(composed_before(&format!("{stack}{end}"), &included), None, "{stack}");
        assert!(is_covered(&edited, &included).unwrap(), "{stack}");
    }
}

#[test]
fn the_line_that_composes_is_no_door() {
    let alone =
        "auth optional pam_sallyport.so compose\n@include common-auth\naccount required pam_sallyport.so\n";
    assert!(!is_covered(alone, &debian).unwrap() && composes(alone, &debian));
    for line in [
        "auth optional pam_sallyport.so [compose] # second",
        "auth required /x/pam_sallyport.so quiet compose",
    ] {
        let alone = format!("{line}\n@include common-auth\naccount required pam_sallyport.so\n");
        assert!(!is_covered(&alone, &debian).unwrap(), "{line}");
    }
    // Nor does it vouch for one.
    let included = |_: &str| Some("auth optional pam_sallyport.so compose\n".to_owned());
    assert_eq!(enabled("@include x\n", true, &included), Err(PamError::NoFirstDoor));
    let by_server = "auth required pam_sallyport.so first_door=agent\naccount required pam_sallyport.so\n";
    assert!(is_covered(by_server, &debian).unwrap() && composes(by_server, &debian), "the server composes");
}
