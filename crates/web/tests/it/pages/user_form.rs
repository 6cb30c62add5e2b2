//! The forms that create a user and change one.

use sallyport_app::user;

use super::house::House;

const FORM: &str = "/admin/users/new";

#[tokio::test]
async fn a_user_is_created_with_all_that_the_form_asks_for() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let key = format!("ssh-ed25519 {} bob@laptop", "A".repeat(68));
    let fields = [
        ("name", "bob"),
        ("uid", "66500"),
        ("gid", "66600"),
        ("shell", "/bin/sh"),
        ("home", "/srv/people/bob"),
        ("ssh_keys", key.as_str()),
        ("manager", "ada"),
        ("active", "yes"),
    ];
    assert!(browser.get(FORM).await.body.contains("The account on devices"));
    let created = browser.submit(FORM, &fields).await;
    assert_eq!(created.status, 303, "{}", created.body);
    let bob = user::resolve(&house.system(), "bob").await.unwrap();
    assert_eq!((bob.posix.uid, bob.posix.gid), (66_500, 66_600));
    assert_eq!((bob.posix.shell.as_str(), bob.posix.home.as_str()), ("/bin/sh", "/srv/people/bob"));
    assert_eq!((bob.ssh_keys[0].as_str(), bob.manager), (key.as_str(), Some(ada.id)));

    let page = format!("/admin/users/{}", bob.id);
    assert!(browser.get(&page).await.body.contains("value=\"/srv/people/bob\""));
    let moved = [("display_name", "Bob"), ("home", "/home/bob"), ("shell", "/bin/sh")];
    assert_eq!(browser.submit(&page, &moved).await.status, 303);
    assert_eq!(user::resolve(&house.system(), "bob").await.unwrap().posix.home, "/home/bob");
}

#[tokio::test]
async fn what_a_form_says_wrong_is_told_and_nothing_typed_is_lost() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get(FORM).await;
    for (field, text, told) in [
        ("uid", "66x", "must be a number"),
        ("gid", "-1", "must be a number"),
        ("uid", "12", "must be from 66000 to 99999"),
        ("home", "/etc/bob", "in no folder of the system"),
        ("manager", "nobody-there", "there is no such user"),
        ("ssh_keys", "command=\"id\"", "is not an SSH public key"),
    ] {
        let refused =
            browser.submit(FORM, &[("name", "bob"), ("phones", "+441632960000"), (field, text)]).await;
        assert_eq!(refused.status, 422, "{field} {text}");
        assert!(refused.body.contains(told), "{field} {text}: {}", refused.body);
        let typed = text.replace('"', "&#34;");
        assert!(refused.body.contains(&typed) && refused.body.contains("+441632960000"), "{}", refused.body);
        assert!(user::resolve(&house.system(), "bob").await.is_err(), "{field} {text}");
    }
}
