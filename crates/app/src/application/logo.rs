//! The logo of an application, or of the organisation. Its bytes are somebody's: they are taken for what their first bytes say, and served as nothing else.

use data_encoding::{BASE64, HEXLOWER};
use sallyport_crypto::digest::sha256;
use sallyport_model::{Action, Application, Logo, PictureKind, id::ApplicationId};

use crate::{AppError, Ctx, Tx};

const LARGEST: usize = 64 * 1024;

/// Keeps a picture, or takes it away where nothing is given.
pub(crate) fn put(tx: &mut Tx<'_, '_>, owner: &str, given: &str) -> Result<Option<Logo>, AppError> {
    let given = given.trim();
    if given.is_empty() {
        tx.delete_picture(owner)?;
        return Ok(None);
    }
    let (bytes, kind) = checked(given).map_err(|reason| AppError::invalid("logo", reason))?;
    tx.put_picture(owner, &bytes)?;
    let digest: String = HEXLOWER.encode(&sha256(&bytes)).chars().take(16).collect();
    Ok(Some(Logo { kind, digest }))
}

fn checked(given: &str) -> Result<(Vec<u8>, PictureKind), &'static str> {
    // A browser's `data:` address says the kind in front; the bytes say it again.
    let text = given.split_once("base64,").map_or(given, |(_, text)| text);
    if text.len() > LARGEST * 4 / 3 + 4 {
        return Err("is larger than 64 KiB");
    }
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| "is no base64")?;
    if bytes.len() > LARGEST {
        return Err("is larger than 64 KiB");
    }
    let kind = PictureKind::of(&bytes).ok_or("is neither a PNG nor a WebP")?;
    Ok((bytes, kind))
}

/// The picture of an application, for whoever may use it or sees the directory; to anybody else there is none.
///
/// # Errors
/// There is none, or not for the caller.
pub async fn picture(ctx: &Ctx, id: ApplicationId) -> Result<(PictureKind, Vec<u8>), AppError> {
    let reading = ctx.clone();
    ctx.read(move |reader| {
        let unknown = || AppError::not_found("logo", id);
        let application = reading.org.view.application(reader, id)?.ok_or_else(unknown)?;
        if !may_see(reader, &reading, &application)? {
            return Err(unknown());
        }
        let kind = application.logo.as_ref().ok_or_else(unknown)?.kind;
        Ok((kind, reader.picture(&id.to_string())?.ok_or_else(unknown)?))
    })
    .await
}

fn may_see(
    reader: &mut sallyport_store::Reader,
    ctx: &Ctx,
    application: &Application,
) -> Result<bool, AppError> {
    if ctx.allow(Action::ReadDirectory).is_ok() {
        return Ok(true);
    }
    let Ok(user) = ctx.person() else { return Ok(false) };
    let around = ctx.org.view.groups_around(reader, user)?;
    Ok(application.used_by.is_for(user, &around))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_first_bytes_say() {
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), b"rest"].concat();
        let webp = b"RIFF\0\0\0\0WEBPVP8 ";
        assert_eq!(checked(&BASE64.encode(&png)).unwrap(), (png.clone(), PictureKind::Png));
        let as_data = format!("data:image/webp;base64,{}", BASE64.encode(webp));
        assert_eq!(checked(&as_data).unwrap().1, PictureKind::Webp);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let lying = format!("data:image/png;base64,{}", BASE64.encode(svg));
        assert!(checked(&lying).unwrap_err().contains("neither"));
        assert!(checked("<svg>").is_err());
        let large = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; LARGEST]].concat();
        assert!(checked(&BASE64.encode(&large)).unwrap_err().contains("64 KiB"));
    }
}
