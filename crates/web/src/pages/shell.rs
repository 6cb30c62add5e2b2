//! What every page shows around its own part.

use sallyport_app::Ctx;
use sallyport_model::Action;

use super::{
    brand::Brand,
    guard::{Admin, Door, Portal, Visitor},
    menu::{self, Group},
    undo::Undo,
};
use crate::language::{Chooser, Language, Markup};

/// Around a page of somebody who is signed in.
pub(crate) struct Shell {
    pub(crate) organization: String,
    pub(crate) brand: Brand,
    /// Who is signed in.
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) form_token: String,
    pub(crate) notice: Option<Markup>,
    /// How what it speaks of is taken back.
    pub(crate) undo: Option<Undo>,
    /// What the page speaks.
    pub(crate) say: Language,
    pub(crate) chooser: Option<Chooser>,
    /// Whether this is a page for administrators.
    pub(crate) admin: bool,
    /// Whether the person could open those.
    pub(crate) is_administrator: bool,
    pub(crate) menu: Vec<Group>,
    /// What stands in the field of the search.
    pub(crate) searched: String,
}

/// Around a page at the doors.
pub(crate) struct DoorShell {
    pub(crate) organization: String,
    pub(crate) brand: Brand,
    pub(crate) form_token: String,
    /// What the page speaks.
    pub(crate) say: Language,
    pub(crate) chooser: Option<Chooser>,
    /// Whether it would matter which device this browser is on, if it showed it.
    pub(crate) asks_device: bool,
}

impl Shell {
    pub(crate) fn portal(portal: &Portal, here: &str) -> Self {
        let say = portal.language;
        Self::new(portal, say, false, menu::portal(here, say))
    }

    /// Administrators are spoken to in English.
    pub(crate) fn admin(admin: &Admin, here: &str) -> Self {
        Self::new(&admin.0, Language::En, true, menu::admin(&admin.0.ctx, here))
    }

    fn new(portal: &Portal, say: Language, admin: bool, menu: Vec<Group>) -> Self {
        Self {
            organization: portal.organization.clone(),
            brand: portal.brand.clone(),
            name: portal.user.name.to_string(),
            display_name: portal.user.display_name.clone(),
            form_token: portal.session.form_token.clone(),
            notice: portal.notice.as_ref().map(|notice| notice.say(say)),
            undo: portal.undo.clone(),
            say,
            chooser: None,
            admin,
            is_administrator: portal.session.both_doors && !portal.user.roles.is_empty(),
            menu,
            searched: String::new(),
        }
    }
}

impl Shell {
    /// Of a page that a browser may come back to at this path, and so may choose a language on.
    pub(crate) fn chosen_at(self, path: &str) -> Self {
        Self { chooser: Some(Chooser::at(path)), ..self }
    }

    /// Of the page that answers this search.
    pub(crate) fn searching(self, text: &str) -> Self {
        Self { searched: text.trim().to_owned(), ..self }
    }

    /// Where what is typed into the field of the search goes.
    pub(crate) const fn search_path(&self) -> &'static str {
        if self.admin { "/admin/search" } else { "/search" }
    }
}

impl DoorShell {
    pub(crate) fn new(door: &Door) -> Self {
        Self {
            organization: door.organization.clone(),
            brand: door.brand.clone(),
            form_token: door.form_token.expose().to_owned(),
            say: Language::of(&door.headers),
            chooser: None,
            asks_device: door.asks_device,
        }
    }

    /// For somebody whom another site sent here.
    pub(crate) fn visited(visitor: &Visitor) -> Self {
        match &visitor.portal {
            Some(portal) => Self::again(portal),
            None => Self::new(&visitor.door),
        }
    }

    /// For somebody who is signed in and stands at a door once more.
    pub(crate) fn again(portal: &Portal) -> Self {
        Self {
            organization: portal.organization.clone(),
            brand: portal.brand.clone(),
            form_token: portal.session.form_token.clone(),
            say: portal.language,
            chooser: None,
            asks_device: portal.asks_device,
        }
    }

    /// Of a page that a browser may come back to at this path, and so may choose a language on.
    pub(crate) fn chosen_at(self, path: &str) -> Self {
        Self { chooser: Some(Chooser::at(path)), ..self }
    }

    /// Of a page for whoever runs the server.
    pub(crate) fn in_english(self) -> Self {
        Self { say: Language::En, ..self }
    }
}

/// Whether the caller may do this: pages show no button that would only be refused. The use case asks again.
pub(crate) fn may(ctx: &Ctx, action: Action) -> bool {
    ctx.allow(action).is_ok()
}
