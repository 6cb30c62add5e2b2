//! Texts and calls: who carries them, whether it knows us, and how many there may be.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError,
    telephony::{self, Known, Standing, log},
};
use sallyport_model::{
    Action, CallingCode, Telephony,
    telephony::{GatewayContent, GatewayMethod, Header, Provider, TelephonyLimits, TelephonyRecord},
};

use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        page::{Page, download},
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, PAGE, Table, TableOf},
    },
};

const HERE: &str = "/admin/telephony";
/// In the menu it stands with the log that says what texts and calls were for.
const LOG: &str = "/admin/sign-ins";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/telephony", get(show).post(update))
        .route("/admin/telephony/check", post(check))
        .route("/admin/telephony/log", get(list))
        .route("/admin/telephony/log.csv", get(export))
}

#[derive(Template)]
#[template(path = "admin/telephony_log.html")]
struct LogPage {
    shell: Shell,
    table: Table,
}

const TABLE: TableOf<TelephonyRecord> = TableOf {
    name: "texts-and-calls",
    path: "/admin/telephony/log",
    columns: &[
        Column::new("when", "When", |record| Cell::time(record.at)),
        Column::new("who", "Who", |record| {
            Cell::link(format!("/admin/users/{}", record.user), &*record.name)
        }),
        Column::new("number", "Number", |record| Cell::text(&*record.number)),
        Column::new("what", "What", |record| Cell::text(record.kind.as_str().replace('_', " "))),
        Column::new("why", "What for", |record| Cell::text(record.context.as_str().replace('_', " "))),
        Column::new("cost", "Cost", |record| Cell::text(amount(record.price.into()))),
        Column::new("result", "Result", |record| Cell::state(record.state.as_str())),
    ],
    sorts: &[],
    usual_sort: "",
    noun: "texts and calls",
    empty: "Nothing was sent so far.",
    tick: None,
    act: None,
};

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let found = log::list(&admin.0.ctx, request(&asked)).await?;
    let filters = vec![Filter::words(&asked, "Name, number, kind or result")];
    let table = TABLE.asked(&asked, filters).logged(&asked, found.next.map(|id| id.to_string()));
    let rows = found.items.iter().map(|record| TABLE.line(&table, record)).collect();
    let page = LogPage { shell: Shell::admin(&admin, LOG), table: table.rows(rows) };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let csv = log::export(&admin.0.ctx, request(&asked)).await?;
    Ok(download("texts-and-calls.csv", "text/csv; charset=utf-8", csv))
}

fn request(asked: &Asked) -> log::Wanted {
    log::Wanted { text: asked.text("text"), before: asked.text("after").parse().ok(), limit: PAGE }
}

#[derive(Template)]
#[template(path = "admin/telephony.html")]
struct TelephonyPage {
    shell: Shell,
    standing: Standing,
    may_change: bool,
    /// What the provider said when it was asked.
    problem: Option<String>,
}

/// A gateway as the form shows it.
struct Gateway<'a> {
    method: GatewayMethod,
    url: &'a str,
    headers: String,
    content_type: GatewayContent,
    body: &'a str,
}

impl TelephonyPage {
    const fn kind(&self) -> &'static str {
        match &self.standing.telephony.provider {
            None => "none",
            Some(Provider::Gateway { .. }) => "gateway",
            Some(Provider::Twilio { .. }) => "twilio",
        }
    }

    /// URL and account.
    fn twilio(&self) -> (&str, &str) {
        match &self.standing.telephony.provider {
            Some(Provider::Twilio { url, account }) => (url, account),
            Some(Provider::Gateway { .. }) | None => ("", ""),
        }
    }

    fn gateway(&self) -> Gateway<'_> {
        match &self.standing.telephony.provider {
            Some(Provider::Gateway { method, url, headers, content_type, body }) => {
                let lines = headers.iter().map(|header| format!("{}: {}", header.name, header.value));
                let headers = lines.collect::<Vec<_>>().join("\n");
                Gateway { method: *method, url, headers, content_type: *content_type, body }
            }
            Some(Provider::Twilio { .. }) | None => Gateway {
                method: GatewayMethod::Post,
                url: "",
                headers: "Authorization: Bearer {secret}".into(),
                content_type: GatewayContent::Json,
                body: r#"{"to":"{to}","text":"{text}"}"#,
            },
        }
    }

    fn countries(&self) -> String {
        self.standing.telephony.countries.iter().map(CallingCode::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// Hundredths as people write amounts.
fn amount(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

async fn page(admin: &Admin, problem: Option<String>) -> Result<Page<TelephonyPage>, Refusal> {
    let ctx = &admin.0.ctx;
    Ok(Page(TelephonyPage {
        shell: Shell::admin(admin, HERE),
        standing: telephony::show(ctx).await?,
        may_change: may(ctx, Action::ChangeSettings),
        problem,
    }))
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    Ok(page(&admin, None).await?.into_response())
}

async fn update(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let secret = Some(fields.secret("secret")).filter(|secret| !secret.is_empty());
    telephony::update(&admin.0.ctx, fields.number("version"), read(&fields)?, secret).await?;
    Ok(Redirect::to("/admin/telephony?done=saved"))
}

async fn check(Posted { who: admin, .. }: Posted<Admin>) -> Result<Response, Refusal> {
    match telephony::check(&admin.0.ctx).await? {
        Known::CannotSay => Ok(Redirect::to("/admin/telephony?done=telephony-cannot-say").into_response()),
        Known::No(problem) => {
            let page = page(&admin, Some(problem)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Known::Yes => Ok(Redirect::to("/admin/telephony?done=telephony-known").into_response()),
    }
}

fn read(fields: &Fields) -> Result<Telephony, Refusal> {
    let number = |name: &'static str| -> Result<u32, Refusal> {
        let given = fields.number_if_given(name)?;
        given.ok_or_else(|| Refusal::missing("Give a number for every limit and price."))
    };
    let small = |name: &'static str| -> Result<u8, Refusal> {
        u8::try_from(number(name)?).map_err(|_| AppError::invalid(name, "is too many").into())
    };
    let countries = fields.text("countries");
    let countries = countries.split([' ', ',', '\n', '\r']).filter(|code| !code.is_empty());
    let countries = countries.map(str::parse).collect::<Result<_, sallyport_model::PhoneError>>();
    Ok(Telephony {
        provider: provider(fields)?,
        sender: fields.text("sender"),
        texts: fields.ticked("texts"),
        calls: fields.ticked("calls"),
        codes: small("codes")?,
        batch_hours: small("batch_hours")?,
        countries: countries.map_err(|error| AppError::invalid("countries", error.to_string()))?,
        limits: TelephonyLimits {
            per_number: number("per_number")?,
            per_person: number("per_person")?,
            per_country: number("per_country")?,
            per_day: number("per_day")?,
            text_price: number("text_price")?,
            call_price: number("call_price")?,
            ceiling: number("ceiling")?,
        },
    })
}

fn provider(fields: &Fields) -> Result<Option<Provider>, Refusal> {
    match fields.raw("provider") {
        "none" | "" => Ok(None),
        "twilio" => {
            Ok(Some(Provider::Twilio { url: fields.text("twilio_url"), account: fields.text("account") }))
        }
        "gateway" => Ok(Some(Provider::Gateway {
            method: fields.word("method").unwrap_or_default(),
            url: fields.text("gateway_url"),
            headers: fields.lines("headers").iter().map(|line| header(line)).collect::<Result<_, _>>()?,
            content_type: fields.word("content_type").unwrap_or_default(),
            body: fields.text("body"),
        })),
        _ => Err(Refusal::missing("Choose who carries texts and calls.")),
    }
}

fn header(line: &str) -> Result<Header, Refusal> {
    let (name, value) = line.split_once(':').ok_or_else(|| {
        AppError::invalid("headers", format!("`{line}` is no header, which looks like `Name: value`"))
    })?;
    Ok(Header { name: name.trim().to_owned(), value: value.trim().to_owned() })
}
