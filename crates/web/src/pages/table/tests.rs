use axum::{
    extract::FromRequestParts as _,
    http::{Request, header},
    response::IntoResponse as _,
};
use sallyport_app::listing::Sort;

use super::*;

struct Fruit {
    name: &'static str,
    colour: &'static str,
}

const TABLE: TableOf<Fruit> = TableOf {
    name: "fruit",
    path: "/admin/fruit",
    columns: &[
        Column::new("name", "Name", |fruit| Cell::text(fruit.name)),
        Column::filed(
            "colour",
            "Colour",
            |fruit| Cell::text(fruit.colour),
            |fruit| fruit.colour.to_uppercase(),
        ),
        Column::unusual("size", "Size", |_| Cell::text("small")),
    ],
    sorts: &["name", "colour"],
    usual_sort: "-name",
    noun: "fruit",
    empty: "None so far.",
    tick: None,
    act: None,
};

const PLUM: Fruit = Fruit { name: "plum", colour: "blue" };

async fn asked(query: &str, cookie: Option<&str>) -> Asked {
    let mut request = Request::builder().uri(format!("/admin/fruit{query}"));
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, format!("__Host-sallyport-columns-fruit={cookie}"));
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    Asked::from_request_parts(&mut parts, &()).await.unwrap_or_else(|never| match never {})
}

fn shown(table: &Table) -> Vec<&'static str> {
    table.columns.iter().filter(|column| column.is_shown).map(|column| column.name).collect()
}

fn filters(asked: &Asked) -> Vec<Filter> {
    vec![Filter::words(asked, "Name"), Filter::states(asked, "Any", ["ripe"])]
}

#[tokio::test]
async fn columns_come_from_the_address_or_else_from_the_cookie_and_the_first_always_stays() {
    for (query, cookie, expected) in [
        ("", None, &["name", "colour"] as &[&str]),
        ("?columns=size", None, &["name", "size"]),
        ("?columns=size&columns=colour", Some("name"), &["name", "colour", "size"]),
        ("", Some("name.size"), &["name", "size"]),
        ("", Some("name"), &["name"]),
        ("", Some("%00.no_such.<script>"), &["name", "colour"]),
        ("?columns=", Some("name"), &["name", "colour"]),
        ("?columns=no_such", None, &["name", "colour"]),
    ] {
        let asked = asked(query, cookie).await;
        let table = TABLE.asked(&asked, filters(&asked));
        assert_eq!(shown(&table), expected, "{query} {cookie:?}");
        let cells = TABLE.line(&table, &PLUM).cells;
        assert_eq!(cells.len(), expected.len());
    }
}

#[tokio::test]
async fn the_browser_remembers_what_the_address_chose_and_forgets_what_it_takes_back() {
    let set = async |query: &str| {
        let response = asked(query, None).await.remember(&TABLE, "".into_response());
        response.headers().get(header::SET_COOKIE).map(|line| line.to_str().unwrap().to_owned())
    };
    assert_eq!(set("?text=x").await, None);
    let chosen = set("?columns=name&columns=size&columns=%0D%0Aevil").await.unwrap();
    assert!(chosen.starts_with("__Host-sallyport-columns-fruit=name.size; "), "{chosen}");
    let usual = set("?columns=").await.unwrap();
    assert!(usual.contains("=; Path=/; Max-Age=0"), "{usual}");
}

#[tokio::test]
async fn every_address_of_a_table_keeps_the_rest_of_what_is_asked() {
    let asked = asked("?text=a%26b&state=ripe&sort=name&after=x&columns=size&done=saved", None).await;
    let table = TABLE.asked(&asked, filters(&asked));
    let sort = |n: usize| table.columns[n].sort.clone();
    assert_eq!(sort(0).unwrap(), "?text=a%26b&state=ripe&columns=size&sort=-name");
    assert_eq!(sort(1).unwrap(), "?text=a%26b&state=ripe&columns=size&sort=colour");
    assert_eq!((sort(2), table.columns[0].direction), (None, Some("ascending")));
    assert_eq!(table.file.as_deref(), Some("/admin/fruit.csv?text=a%26b&state=ripe&sort=name&columns=size"));
    let kept: Vec<_> = table.kept_by_filter.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(kept, ["sort", "columns"], "the page begins anew and its notice is said once");
    let kept: Vec<_> = table.kept_by_columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(kept, ["text", "state", "sort"]);
    assert!(table.is_filtered);
}

#[tokio::test]
async fn a_table_is_sorted_as_usual_where_the_address_says_nothing_it_knows() {
    let sort = async |query: &str| asked(query, None).await.sort(&TABLE);
    let falling = |by: &str| Sort { by: by.into(), descending: true };
    assert_eq!(sort("").await, falling("name"));
    assert_eq!(sort("?sort=size").await, falling("name"));
    assert_eq!(sort("?sort=-colour").await, falling("colour"));
    assert_eq!(sort("?sort=colour").await, Sort { by: "colour".into(), descending: false });
}

#[tokio::test]
async fn a_file_has_the_columns_that_the_address_names_or_all_of_them() {
    for (query, expected) in [
        ("", "\"name\",\"colour\",\"size\"\r\n\"plum\",\"BLUE\",\"small\"\r\n"),
        ("?columns=colour", "\"name\",\"colour\"\r\n\"plum\",\"BLUE\"\r\n"),
    ] {
        // What the browser likes to see says nothing about a file that a program fetches.
        let mut file = TABLE.file(&asked(query, Some("name")).await);
        file.row(&PLUM);
        let response = file.into_response();
        assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"fruit.csv\"");
        let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
    }
}

#[test]
fn a_pager_says_what_stands_on_the_page() {
    let pager = |before, total| Pager { counted: Some((before, total)), ..Pager::default() };
    assert_eq!(pager(0, 3).words(3, "users"), "3 users");
    assert_eq!(pager(50, 1_234_567).words(50, "users"), "51–100 of 1,234,567 users");
    assert_eq!(Pager::default().words(3, "users"), "");
    assert_eq!([counted(1, "policies"), counted(1, "users")], ["1 policy", "1 user"]);
    assert_eq!(counted(2000, "policies"), "2,000 policies");
    assert_eq!([0, 999, 1000, 12_345].map(grouped), ["0", "999", "1,000", "12,345"]);
}
