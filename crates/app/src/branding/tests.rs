use sallyport_model::Role;

use super::*;
use crate::testing::{self, TestOrg};

const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

async fn change(test: &TestOrg, input: UpdateBranding) -> Result<Versioned<Look>, AppError> {
    update(&test.system(), None, input).await
}

fn in_colour(accent: &str, accent_dark: Option<&str>) -> UpdateBranding {
    let accent_dark = accent_dark.map(str::to_owned);
    UpdateBranding { accent: Some(accent.into()), accent_dark, ..UpdateBranding::default() }
}

#[tokio::test]
async fn a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can() {
    let test = testing::org().await;
    let refused = change(&test, in_colour("#ffd500", None)).await.unwrap_err().to_string();
    assert!(refused.contains("1.36 to 1 on light pages") && refused.contains("the nearest"), "{refused}");
    let near = refused.rsplit(' ').next().unwrap();
    assert!(change(&test, in_colour(near, None)).await.is_ok(), "{near}");
    let refused = change(&test, in_colour("#1a3d80", Some("#1a3d80"))).await.unwrap_err().to_string();
    assert!(refused.contains("on dark pages"), "{refused}");
    for wrong in ["red", "#12345", "#1a6dd0;}body{display:none}"] {
        assert!(change(&test, in_colour(wrong, None)).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn one_colour_makes_the_other_and_both_are_read_on_their_pages() {
    let test = testing::org().await;
    let look = change(&test, in_colour("#1a3d80", None)).await.unwrap().value;
    let accent = look.branding.accent.unwrap();
    assert_eq!(accent.light.to_string(), "#1a3d80");
    assert!(accent.dark.contrast(Accent::DARK_GROUND) >= Color::READABLE && accent.dark != accent.light);
    let (digest, text) = style(&accent);
    assert!(text.contains(&format!("--tblr-primary: {}", accent.dark)), "{text}");
    // Another colour, another address.
    let other = change(&test, in_colour("#8a1c1c", None)).await.unwrap().value.branding.accent.unwrap();
    assert_ne!(style(&other).0, digest);
    assert_ne!(other.dark, accent.dark);
    // What is kept of a form that is sent as it was shown is what was there.
    let same = change(&test, in_colour("#8a1c1c", Some(&other.dark.to_string()))).await.unwrap().value;
    assert_eq!(same.branding.accent, Some(other));
    assert_eq!(change(&test, in_colour("", None)).await.unwrap().value.branding.accent, None);
}

#[tokio::test]
async fn a_logo_is_a_picture_and_settings_that_are_replaced_neither_forge_nor_lose_it() {
    let test = testing::org().await;
    let ctx = test.system();
    let with_logo = |logo: &str| UpdateBranding { logo: Some(logo.into()), ..UpdateBranding::default() };
    assert!(change(&test, with_logo("PHN2Zz4=")).await.unwrap_err().to_string().contains("neither a PNG"));
    let logo = change(&test, with_logo(PNG)).await.unwrap().value.branding.logo.unwrap();
    assert_eq!(super::logo(&test.nobody(), &logo.digest).await.unwrap().0, PictureKind::Png);
    assert!(super::logo(&test.nobody(), "0000000000000000").await.is_err());
    let mut settings = settings::show(&ctx).await.unwrap().value;
    settings.branding.logo = None;
    settings::update(&ctx, None, settings).await.unwrap();
    assert_eq!(look(&test.nobody()).await.unwrap().branding.logo, Some(logo));
    assert_eq!(change(&test, with_logo("")).await.unwrap().value.branding.logo, None);
}

#[tokio::test]
async fn texts_are_plain_lines_in_languages_and_readers_get_theirs_or_english() {
    let test = testing::org().await;
    let say = |said: &[(&str, &str)]| {
        let said = said.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned()));
        UpdateBranding { help: Some(said.collect()), ..UpdateBranding::default() }
    };
    let look =
        change(&test, say(&[("en", " Ask us "), ("de", "Fragen Sie uns"), ("fr", " ")])).await.unwrap();
    let help = &look.value.branding.help;
    assert_eq!(Branding::text(help, "de"), Some(("de", "Fragen Sie uns")));
    assert_eq!(Branding::text(help, "fr"), Some(("en", "Ask us")));
    assert_eq!(Branding::text(&BTreeMap::new(), "en"), None);
    let long = "x".repeat(301);
    for wrong in [("en", "a\nb"), ("en", long.as_str()), ("en\"", "x"), ("EN", "x"), ("", "x")] {
        assert!(change(&test, say(&[wrong])).await.is_err(), "{wrong:?}");
    }
    let before = look.version;
    assert!(matches!(update(&test.system(), Some(before - 1), say(&[])).await, Err(AppError::Stale)));
    let auditor = test.person(sallyport_model::id::UserId::new(uuid::Uuid::nil()), &[Role::Auditor]);
    assert!(show(&auditor).await.is_ok());
    assert!(matches!(update(&auditor, None, say(&[])).await, Err(AppError::Denied(_))));
}
