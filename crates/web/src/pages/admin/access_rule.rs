//! Access rules: each a sentence, written by a form, looked at before it holds, and brought back as it was.

mod form;
mod preview;
mod what_if;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateAccessRule, PreviewAccessRule, UpdateAccessRule};
use sallyport_app::{
    Ctx, Versioned,
    access_rule::{self, Changed, RuleVersion, Sentence},
    listing::{self, Listed as _},
};
use sallyport_model::{
    AccessRule, Action, Method, RuleMode,
    access_rule::{Effect, ResourceKind, RuleSays, Weekday},
    id::AccessRuleId,
};

use self::{
    form::Form,
    preview::{is_looked_at, look},
};
use super::{pick, stranded::saved};
use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{AT_ONCE, Asked, Cell, Column, Filter, Table, TableOf},
        undo::Undo,
    },
};

const HERE: &str = "/admin/access-rules";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/access-rules", get(list).post(create))
        .route("/admin/access-rules.csv", get(export))
        .route("/admin/access-rules/new", get(begin))
        .route("/admin/access-rules/{id}", get(show).post(update))
        .route("/admin/access-rules/{id}/delete", post(delete))
        .route("/admin/access-rules/{id}/history", get(history))
        .route("/admin/access-rules/{id}/return", post(restore))
        .merge(what_if::routes())
}

#[derive(Template)]
#[template(path = "admin/access_rules.html")]
struct RulesPage {
    shell: Shell,
    table: Table,
    may_change: bool,
}

const TABLE: TableOf<(AccessRule, Sentence)> = TableOf {
    name: "access-rules",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |(rule, _)| Cell::link(format!("{HERE}/{}", rule.id), &*rule.name)),
        Column::new("mode", "Mode", |(rule, _)| Cell::badge(tone(&rule.mode), rule.mode.title())),
        Column::new("says", "Says", |(_, sentence)| Cell::sentence(&*sentence.text)),
        Column::new("note", "Note", |(rule, _)| Cell::text(&*rule.note)),
        Column::unusual("id", "Id", |(rule, _)| Cell::code(rule.id.to_string())),
    ],
    sorts: AccessRule::SORTS,
    usual_sort: "name",
    noun: "rules",
    empty: "No access rules yet: policies alone decide. A rule says more, such as: for administrators, at their portal, \
            not from the office: deny. Begin with a dry run, which decides nothing and writes down what it would have \
            done.",
    tick: None,
    act: None,
};

#[derive(Template)]
#[template(path = "admin/access_rule.html")]
struct RulePage {
    shell: Shell,
    /// `None`: it is new.
    rule: Option<Versioned<AccessRule>>,
    sentence: Option<Sentence>,
    form: Form,
    mode: RuleMode,
    may_change: bool,
}

impl RulePage {
    fn name(&self) -> &str {
        self.rule.as_ref().map_or("", |rule| rule.name.as_str())
    }

    fn note(&self) -> &str {
        self.rule.as_ref().map_or("", |rule| rule.note.as_str())
    }

    fn action(&self) -> String {
        self.rule.as_ref().map_or_else(|| HERE.to_owned(), |rule| format!("{HERE}/{}", rule.id))
    }
}

#[derive(Template)]
#[template(path = "admin/access_rule_history.html")]
struct HistoryPage {
    shell: Shell,
    id: AccessRuleId,
    name: String,
    versions: Vec<(RuleVersion, Option<String>)>,
    may_change: bool,
}

const fn tone(mode: &RuleMode) -> &'static str {
    match mode {
        RuleMode::Off => "bg-secondary-lt",
        RuleMode::DryRun => "bg-yellow-lt",
        RuleMode::On => "bg-green-lt",
    }
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let found = listing::page::<AccessRule>(ctx, asked.wanted(&TABLE, &[])).await?;
    let may_change = may(ctx, Action::ChangeSettings);
    let table = TABLE.asked(&asked, filters_of(&asked)).paged(&asked, &found);
    let table = table.begin(may_change, "/admin/access-rules/new", "Write a rule");
    let rows = said(ctx, found.items).await?.iter().map(|row| TABLE.line(&table, row)).collect();
    let page = RulesPage { shell: Shell::admin(&admin, HERE), table: table.rows(rows), may_change };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let ids = listing::all::<AccessRule>(ctx, asked.wanted(&TABLE, &[])).await?;
    let mut file = TABLE.file(&asked);
    for some in ids.chunks(AT_ONCE) {
        for row in said(ctx, listing::by_ids(ctx, some.to_vec()).await?).await? {
            file.row(&row);
        }
    }
    Ok(file.into_response())
}

/// The rules with what each says.
async fn said(ctx: &Ctx, rules: Vec<Versioned<AccessRule>>) -> Result<Vec<(AccessRule, Sentence)>, Refusal> {
    let rules: Vec<AccessRule> = rules.into_iter().map(|rule| rule.value).collect();
    let sentences = access_rule::sentences(ctx, rules.clone()).await?;
    Ok(rules.into_iter().zip(sentences).collect())
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    let modes = RuleMode::ALL.iter().map(|mode| (mode.as_str(), mode.title()));
    vec![Filter::words(asked, "Name or note"), Filter::choice(asked, "state", ("Mode", "Every mode"), modes)]
}

async fn begin(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ReadSettings)?;
    let page = RulePage {
        shell: Shell::admin(&admin, HERE),
        rule: None,
        sentence: None,
        form: Form::of(ctx, RuleSays::default()).await?,
        mode: RuleMode::default(),
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ChangeSettings)?;
    let input = CreateAccessRule {
        name: fields.text("name"),
        note: fields.text("note"),
        mode: mode(&fields)?,
        says: form::read(&fields)?,
    };
    if is_looked_at(&fields, &[input.mode]) {
        let asked =
            PreviewAccessRule { rule: None, delete: false, mode: Some(RuleMode::On), says: Some(input.says) };
        return look(&admin, fields, asked, HERE, input.name).await;
    }
    let created = access_rule::create(ctx, input).await?;
    let done = saved(created.notice);
    Ok(Redirect::to(&format!("{HERE}/{}?done={done}", created.rule.id)).into_response())
}

async fn show(admin: Admin, Path(id): Path<AccessRuleId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let rule = access_rule::show(ctx, id).await?;
    let sentence = access_rule::sentences(ctx, vec![rule.value.clone()]).await?.pop();
    let page = RulePage {
        shell: Shell::admin(&admin, HERE),
        form: Form::of(ctx, rule.says.clone()).await?,
        mode: rule.mode,
        sentence,
        rule: Some(rule),
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn update(
    Path(id): Path<AccessRuleId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ChangeSettings)?;
    let before = access_rule::show(ctx, id).await?;
    let (mode, says) = (mode(&fields)?, form::read(&fields)?);
    if is_looked_at(&fields, &[mode, before.mode]) {
        let looked = if fields.ticked(preview::LOOK) { RuleMode::On } else { mode };
        let asked = PreviewAccessRule { rule: Some(id), delete: false, mode: Some(looked), says: Some(says) };
        return look(&admin, fields, asked, &format!("{HERE}/{id}"), before.value.name).await;
    }
    let input = UpdateAccessRule {
        name: fields.optional("name"),
        note: Some(fields.text("note")),
        mode: Some(mode),
        says: Some(says),
    };
    let changed = access_rule::update(ctx, id, fields.number("version"), input).await?;
    beside(ctx, &changed).await
}

/// To the page of a rule that was changed, with the way back to what it said before.
async fn beside(ctx: &Ctx, changed: &Changed) -> Result<Response, Refusal> {
    let id = changed.rule.id;
    let page = format!("{HERE}/{id}?done={}", saved(changed.notice));
    let before = access_rule::history(ctx, id).await?.into_iter().nth(1);
    Ok(match before.filter(|before| before.rule.is_some()) {
        Some(before) => {
            let undo = Undo::new(format!("{HERE}/{id}/return")).with("change", before.change);
            undo.with("version", changed.rule.version).beside(&page)
        }
        None => Redirect::to(&page).into_response(),
    })
}

async fn delete(
    Path(id): Path<AccessRuleId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ChangeSettings)?;
    let rule = access_rule::show(ctx, id).await?;
    if is_looked_at(&fields, &[rule.mode]) {
        let asked = PreviewAccessRule { rule: Some(id), delete: true, mode: None, says: None };
        return look(&admin, fields, asked, &format!("{HERE}/{id}/delete"), rule.value.name).await;
    }
    access_rule::delete(ctx, id, fields.number("version")).await?;
    Ok(Redirect::to("/admin/access-rules?done=deleted").into_response())
}

async fn history(admin: Admin, Path(id): Path<AccessRuleId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let versions = access_rule::history(ctx, id).await?;
    let rules: Vec<AccessRule> = versions.iter().filter_map(|version| version.rule.clone()).collect();
    let name = rules.first().map(|rule| rule.name.clone()).unwrap_or_default();
    let mut sentences = access_rule::sentences(ctx, rules).await?.into_iter();
    let told = versions.into_iter().map(|version| {
        let says = version.rule.as_ref().and_then(|_| sentences.next()).map(|sentence| sentence.text);
        (version, says)
    });
    let page = HistoryPage {
        shell: Shell::admin(&admin, HERE),
        id,
        name,
        versions: told.collect(),
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn restore(
    Path(id): Path<AccessRuleId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let change = fields.number("change").ok_or_else(|| Refusal::missing("Choose a version to return to."))?;
    let changed = access_rule::restore(ctx, id, change, fields.number("version")).await?;
    beside(ctx, &changed).await
}

fn mode(fields: &Fields) -> Result<RuleMode, Refusal> {
    fields
        .word("mode")
        .ok_or_else(|| Refusal::missing("Choose whether the rule is off, in a dry run, or on."))
}
