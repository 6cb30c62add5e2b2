//! What a new organisation does first, from nothing to the first login at a device. Whether a step is done is seen in the
//! directory each time; what is kept is only that somebody put the list away.

use sallyport_api::rest::{FirstHour, FirstStep, FirstStepStands};
use sallyport_model::{Action, Application, Binding, Device, Settings};
use sallyport_store::Reader;

use crate::{AppError, Ctx, census::Owners, ctx, overview::sign_ins};

/// The list, as it stands.
///
/// # Errors
/// Denied.
pub async fn show(ctx: &Ctx) -> Result<FirstHour, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let call = ctx.clone();
    ctx.read_many(move |reader| {
        let facts = Facts::see(reader, &call)?;
        let steps = FirstStep::ALL.map(|step| facts.stands(step)).to_vec();
        Ok(FirstHour { steps, dismissed: facts.settings.first_hour_dismissed })
    })
    .await
}

/// Puts the list away, or brings it back.
///
/// # Errors
/// Denied.
pub async fn dismiss(ctx: &Ctx, dismissed: bool) -> Result<(), AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let before = ctx::settings(tx)?;
        if before.first_hour_dismissed == dismissed {
            return Ok(());
        }
        let after = Settings { first_hour_dismissed: dismissed, ..before.value.clone() };
        let changed = tx.update(&before, after)?;
        tx.record(changed, if dismissed { "dismiss_first_hour" } else { "resume_first_hour" });
        Ok(())
    })
    .await
}

/// What is seen of an organisation.
struct Facts {
    settings: Settings,
    owners: Owners,
    people: usize,
    applications: i64,
    active_devices: i64,
    waiting_devices: i64,
    bindings: i64,
    device_login: bool,
}

impl Facts {
    fn see(reader: &mut Reader, ctx: &Ctx) -> Result<Self, AppError> {
        let census = &ctx.org.view.census;
        let (owners, people) =
            census.ask(reader, ctx.now, |known| (known.people.owners(), known.people.len()))?;
        Ok(Self {
            settings: ctx::settings(reader)?.value,
            owners,
            people,
            applications: reader.count::<Application>()?,
            active_devices: reader.count_in_state::<Device>("active")?,
            waiting_devices: reader.count_in_state::<Device>("quarantined")?,
            bindings: reader.count::<Binding>()?,
            device_login: sign_ins::was_device_login(reader, ctx.now)?,
        })
    }

    fn stands(&self, step: FirstStep) -> FirstStepStands {
        let (title, why, page) = told(step);
        FirstStepStands {
            step,
            title: title.into(),
            why: why.into(),
            done: self.is_done(step),
            seen: self.seen(step),
            page: page.into(),
        }
    }

    fn is_done(&self, step: FirstStep) -> bool {
        match step {
            FirstStep::OwnFactor => self.owners.with_factor > 0,
            FirstStep::SecondOwner => self.owners.active > 1,
            FirstStep::Mail => self.settings.mail.is_on(),
            FirstStep::People => self.people > self.owners.active,
            // Whoever saves that page has said which ways there are, be they the usual ones.
            FirstStep::Factors => !self.settings.factors.is_empty(),
            FirstStep::Application => self.applications > 0,
            FirstStep::Device => self.active_devices > 0,
            FirstStep::Binding => self.bindings > 0,
            FirstStep::DeviceLogin => self.device_login,
        }
    }

    fn seen(&self, step: FirstStep) -> String {
        let done = self.is_done(step);
        match step {
            FirstStep::OwnFactor if done => "An owner has a second factor.".into(),
            FirstStep::OwnFactor => "No owner has a second factor.".into(),
            FirstStep::SecondOwner => match self.owners.active {
                1 => "There is one owner.".into(),
                owners => format!("There are {owners} active owners."),
            },
            FirstStep::Mail => match &self.settings.mail.server {
                Some(server) => format!("Mail goes out by {}.", server.host),
                None => "No mail server is set up.".into(),
            },
            FirstStep::People => match self.people {
                1 => "Nobody is here but you.".into(),
                people => format!("{people} people are here."),
            },
            FirstStep::Factors if done => "Which ways there are was chosen.".into(),
            FirstStep::Factors => "Nobody has saved that page yet.".into(),
            FirstStep::Application => counted(self.applications, "application", "is", "are"),
            FirstStep::Device if self.active_devices == 0 && self.waiting_devices > 0 => {
                "A device waits in quarantine to be admitted.".into()
            }
            FirstStep::Device => counted(self.active_devices, "active device", "is", "are"),
            FirstStep::Binding => counted(self.bindings, "binding", "is", "are"),
            FirstStep::DeviceLogin if done => "Somebody has logged in at a device.".into(),
            FirstStep::DeviceLogin => "Nobody has logged in at a device yet.".into(),
        }
    }
}

fn counted(count: i64, noun: &str, is: &str, are: &str) -> String {
    match count {
        0 => format!("No {noun} {is} here yet."),
        1 => format!("One {noun} {is} here."),
        count => format!("{count} {noun}s {are} here."),
    }
}

/// What a step is called, why it matters, and where it is done.
const fn told(step: FirstStep) -> (&'static str, &'static str, &'static str) {
    match step {
        FirstStep::OwnFactor => (
            "Give yourself a second factor",
            "Whoever has your password alone must not own the organisation. A passkey or an authenticator app takes a minute.",
            "/",
        ),
        FirstStep::SecondOwner => (
            "Make a second owner",
            "If you lose your phone, somebody else has to be able to let you back in. Create a person and give them the role of \
             an owner on their page.",
            "/admin/users/new",
        ),
        FirstStep::Mail => (
            "Set up mail",
            "People get their links to enrol a factor by mail, and hear of what happens to their accounts.",
            "/admin/mail",
        ),
        FirstStep::People => (
            "Bring people in",
            "Import them from a file, or create the first by hand. An import shows what it would do before it does anything.",
            "/admin/users/import",
        ),
        FirstStep::Factors => (
            "Choose which second factors count",
            "The usual order is passkeys first and texts off. Look at it once and save it, so that what opens your doors is what \
             you chose.",
            "/admin/factors",
        ),
        FirstStep::Application => (
            "Connect a first application",
            "Choose one that your people use every day; the catalogue says what to type where.",
            "/admin/catalogue",
        ),
        FirstStep::Device => (
            "Enrol a device",
            "Make a token and type the one line it shows on the machine. Without a group it waits in quarantine until you admit it.",
            "/admin/enrollment-tokens",
        ),
        FirstStep::Binding => (
            "Bind a person to the device",
            "Binding makes the account there, with its right and its password; nothing has to be done on the machine.",
            "/admin/devices",
        ),
        FirstStep::DeviceLogin => (
            "Log in at the device",
            "Log in there as that person, with the password and the second factor of this directory. Then it all works.",
            "/admin/devices",
        ),
    }
}

#[cfg(test)]
mod tests;
