//! How the organisation looks. Anybody may see it; whoever changes settings changes it.

use std::collections::BTreeMap;

use sallyport_api::rest::UpdateBranding;
use sallyport_crypto::digest::{hex, sha256};
use sallyport_model::{
    Action, PictureKind, Settings,
    branding::{Accent, Branding},
    color::Color,
    name::printable,
};
use sallyport_store::Versioned;

use crate::{AppError, Ctx, application, ctx, settings, user::expect_version};

/// What the organisation is called and how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub organization: String,
    pub branding: Branding,
}

/// What anybody is shown.
///
/// # Errors
/// It is not set up yet, or the store's.
pub async fn look(ctx: &Ctx) -> Result<Look, AppError> {
    let reading = ctx.clone();
    ctx.read(move |reader| {
        let settings = reading.org.view.settings(reader)?;
        Ok(Look { organization: settings.organization.clone(), branding: settings.branding.clone() })
    })
    .await
}

/// The same for whoever is about to change it.
///
/// # Errors
/// Denied.
pub async fn show(ctx: &Ctx) -> Result<Versioned<Look>, AppError> {
    Ok(of(settings::show(ctx).await?))
}

fn of(settings: Versioned<Settings>) -> Versioned<Look> {
    let Versioned { value, version } = settings;
    Versioned { value: Look { organization: value.organization, branding: value.branding }, version }
}

/// Changes how the organisation looks; what is not given stays.
///
/// # Errors
/// Denied, a colour that cannot be read, a picture that is none, a text that is too long, or changed by somebody else since
/// `version`.
pub async fn update(
    ctx: &Ctx,
    version: Option<i64>,
    input: UpdateBranding,
) -> Result<Versioned<Look>, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let before = ctx::settings(tx)?;
        expect_version(&before, version)?;
        let mut after = before.value.clone();
        if let Some(organization) = &input.organization {
            after.organization.clone_from(organization);
        }
        let branding = &mut after.branding;
        branding.accent = accent(branding.accent, &input)?;
        if let Some(welcome) = &input.welcome {
            branding.welcome = trimmed(welcome);
        }
        if let Some(help) = &input.help {
            branding.help = trimmed(help);
        }
        if let Some(logo) = &input.logo {
            branding.logo = application::put_logo(tx, &settings::owner(), logo)?;
        }
        settings::check(&after)?;
        let changed = tx.update(&before, after)?;
        Ok(of(tx.record(changed, "update")))
    })
    .await
}

/// The colours after a change. Without one for dark pages, that is the nearest to the other that can be read there.
fn accent(before: Option<Accent>, input: &UpdateBranding) -> Result<Option<Accent>, AppError> {
    let color = |field: &'static str, given: &str| {
        given.parse::<Color>().map_err(|error| AppError::invalid(field, error.to_string()))
    };
    let light = match input.accent.as_deref().map(str::trim) {
        Some("") => return Ok(None),
        Some(given) => color("accent", given)?,
        None => match before {
            Some(before) => before.light,
            None => return Ok(None),
        },
    };
    let dark = match input.accent_dark.as_deref().map(str::trim) {
        Some("") => light.readable_on(Accent::DARK_GROUND),
        Some(given) => color("accent_dark", given)?,
        None => match before.filter(|before| before.light == light) {
            Some(before) => before.dark,
            None => light.readable_on(Accent::DARK_GROUND),
        },
    };
    Ok(Some(Accent { light, dark }))
}

fn trimmed(texts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let said = texts.iter().map(|(language, text)| (language.clone(), text.trim().to_owned()));
    said.filter(|(_, text)| !text.is_empty()).collect()
}

/// Refuses what cannot be read or is no plain text.
pub(crate) fn check(branding: &Branding) -> Result<(), AppError> {
    if let Some(Accent { light, dark }) = branding.accent {
        readable("accent", light, Accent::LIGHT_GROUND, "light")?;
        readable("accent_dark", dark, Accent::DARK_GROUND, "dark")?;
    }
    for (field, texts) in [("welcome", &branding.welcome), ("help", &branding.help)] {
        if texts.len() > Branding::MOST_LANGUAGES {
            return Err(AppError::invalid(field, "has too many languages"));
        }
        for (language, text) in texts {
            if !(2..=3).contains(&language.len())
                || !language.bytes().all(|letter| letter.is_ascii_lowercase())
            {
                return Err(AppError::invalid(
                    field,
                    format!("`{}` is no language such as `en`", printable(language, 20)),
                ));
            }
            let is_plain = printable(text, usize::MAX) == *text && !text.trim().is_empty();
            if !is_plain || text.chars().count() > Branding::LONGEST_TEXT {
                let reason = format!("must be one line of 1 to {} characters", Branding::LONGEST_TEXT);
                return Err(AppError::invalid(field, reason));
            }
        }
    }
    Ok(())
}

fn readable(field: &'static str, color: Color, ground: Color, pages: &str) -> Result<(), AppError> {
    let contrast = color.contrast(ground);
    if contrast >= Color::READABLE {
        return Ok(());
    }
    Err(AppError::invalid(
        field,
        format!(
            "{color} has a contrast of {}.{:02} to 1 on {pages} pages, and links in it need 4.5 to 1 to be read; the \
             nearest that has it is {}",
            contrast / 100,
            contrast % 100,
            color.readable_on(ground)
        ),
    ))
}

/// The logo, for anybody who asks for this one.
///
/// # Errors
/// There is none, or another one by now.
pub async fn logo(ctx: &Ctx, digest: &str) -> Result<(PictureKind, Vec<u8>), AppError> {
    let (reading, digest) = (ctx.clone(), digest.to_owned());
    ctx.read(move |reader| {
        let unknown = || AppError::not_found("logo", printable(&digest, 32));
        let settings = reading.org.view.settings(reader)?;
        let logo =
            settings.branding.logo.as_ref().filter(|logo| logo.digest == digest).ok_or_else(unknown)?;
        Ok((logo.kind, reader.picture(&settings::owner())?.ok_or_else(unknown)?))
    })
    .await
}

/// The style sheet that an accent makes, and what tells it from others.
#[must_use]
pub fn style(accent: &Accent) -> (String, String) {
    let rule = |root: &str, color: Color| {
        let ink = color.ink();
        // Away from what is written on it, so that it is read as well under the pointer.
        let pressed = color.mixed(if ink == Color::WHITE { Color::BLACK } else { Color::WHITE }, 12);
        format!(
            "{root} {{ --tblr-primary: {color}; --tblr-primary-fg: {ink}; --tblr-primary-darken: {pressed}; \
             --tblr-link-color: {color}; }}\n"
        )
    };
    let text = rule(":root", accent.light) + &rule(":root[data-bs-theme=\"dark\"]", accent.dark);
    let digest = hex(&sha256(text.as_bytes())).chars().take(16).collect();
    (digest, text)
}

#[cfg(test)]
mod tests;
