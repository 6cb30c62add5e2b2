//! One line of the table of routes.

use axum::{
    handler::Handler,
    http::Method,
    routing::{self, MethodRouter},
};
use sallyport_model::Action;
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::State;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Whoever signed in by the API, behind both doors.
    BothDoors,
    /// Anybody, without a token.
    Nothing,
    /// Whoever has a token with this right, or signed in behind both doors and has it.
    Right(Action),
    /// Whoever signed in by the API.
    Session,
    /// Whoever has a live token, or signed in.
    Token,
}

/// A route with everything that is said about it.
pub struct Route {
    pub method: Method,
    /// Below [`super::PREFIX`]; parts in braces are names or ids.
    pub path: &'static str,
    pub needs: Needs,
    /// What it does, in a line.
    pub about: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) takes: Option<Takes>,
    pub(super) gives: Gives,
    pub(super) conditional: bool,
    pub(super) serve: MethodRouter<State>,
}

/// Something behind the question mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: ParameterKind,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum ParameterKind {
    Flag,
    Number,
    Text,
}

/// What a request carries.
pub(super) enum Takes {
    Json(Shape),
    Csv,
}

/// What the answer to an accepted request carries.
pub(super) enum Gives {
    Nothing,
    /// This alone.
    One(Shape),
    /// A noun with its version, which is also its entity tag.
    Noun(Shape),
    /// A new noun with its version, and where it is from now on.
    Created(Shape),
    /// A new noun with something that is shown this once.
    CreatedOnce(Shape),
    /// Rows for a spreadsheet.
    Csv,
    /// Something new that is not found under an address of its own.
    Made(Shape),
    /// A list of them that is complete.
    All(Shape),
    /// Part of a list, in `items`, and where the `next` part begins.
    Page(Shape),
    /// Part of a list of nouns, each with its version.
    PageOfNouns(Shape),
    /// JSON without a fixed shape.
    Anything(&'static str),
}

/// A type as the document shows it.
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) collect: fn(&mut Vec<(String, RefOr<Schema>)>),
}

/// The shape of `T`.
pub(super) fn shape<T: ToSchema>() -> Shape {
    Shape {
        name: T::name().into_owned(),
        collect: |found| {
            found.push((T::name().into_owned(), T::schema()));
            T::schemas(found);
        },
    }
}

/// The parameters of every listing.
pub(super) const LISTING: [Parameter; 3] = [
    Parameter { name: "text", about: "Only those in which this occurs.", kind: ParameterKind::Text },
    Parameter {
        name: "after",
        about: "Where the page begins: the `next` of the page before.",
        kind: ParameterKind::Text,
    },
    Parameter {
        name: "limit",
        about: "Most items on the page, from 1 to 500; 50 if not given.",
        kind: ParameterKind::Number,
    },
];

/// The parameter of listings whose nouns have states.
pub(super) const STATE: Parameter =
    Parameter { name: "state", about: "Only those in this state.", kind: ParameterKind::Text };

macro_rules! methods {
    ($($name:ident = $method:expr;)*) => {$(
        pub(super) fn $name<H, T>(path: &'static str, handler: H, needs: Needs, about: &'static str) -> Self
        where
            H: Handler<T, State>,
            T: 'static,
        {
            let serve = routing::$name(handler);
            let (parameters, takes, gives) = (Vec::new(), None, Gives::Nothing);
            Self { method: $method, path, needs, about, parameters, takes, gives, conditional: false, serve }
        }
    )*};
}

impl Route {
    methods! {
        delete = Method::DELETE;
        get = Method::GET;
        patch = Method::PATCH;
        post = Method::POST;
        put = Method::PUT;
    }

    /// Whether it can be tied to a version by `If-Match`.
    #[must_use]
    pub const fn is_conditional(&self) -> bool {
        self.conditional
    }

    pub(super) fn takes<T: ToSchema>(self) -> Self {
        Self { takes: Some(Takes::Json(shape::<T>())), ..self }
    }

    pub(super) fn takes_csv(self) -> Self {
        Self { takes: Some(Takes::Csv), ..self }
    }

    pub(super) fn gives(self, gives: Gives) -> Self {
        Self { gives, ..self }
    }

    /// It can be tied to a version by `If-Match`.
    pub(super) fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }

    pub(super) fn with(mut self, parameters: &[Parameter]) -> Self {
        self.parameters.extend_from_slice(parameters);
        self
    }

    /// Changes how it is served, such as how long its bodies may be.
    pub(super) fn served(self, change: impl FnOnce(MethodRouter<State>) -> MethodRouter<State>) -> Self {
        Self { serve: change(self.serve), ..self }
    }
}
